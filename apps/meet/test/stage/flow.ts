/**
 * What a person saw, heard and was told, with the time of each: recorded in the page, read and judged outside.
 *
 * Times are of the machine's clock, so that those of several browsers and of the test itself compare.
 */
import type { Page } from "playwright-core";

export interface Recording {
  /** When each frame of somebody else was shown. */
  readonly frames: readonly number[];
  /** When sound that was really sent, and not made up for what was lost, had been played. Looked at every 100 ms. */
  readonly sound: readonly number[];
  /** What the room's snapshot said of sockets, media and the others, whenever that changed. */
  readonly states: readonly { readonly at: number; readonly state: string }[];
  /** What was said in the chat, in the order in which it was heard. */
  readonly chat: readonly string[];
}

type Recorder = typeof globalThis & {
  recording?: { frames: number[]; sound: number[]; states: { at: number; state: string }[]; chat: string[] };
  madeConnections?: RTCPeerConnection[];
};

/** Begins in a page that is in the call. Safe to repeat. */
export async function record(page: Page): Promise<void> {
  await page.evaluate(startRecording);
}

export function recordingOf(page: Page): Promise<Recording> {
  return page.evaluate(() => (globalThis as Recorder).recording as Recording);
}

export interface Gap {
  /** Milliseconds that nothing came at the longest, of the time from `from` on. */
  readonly longest: number;
  /** Milliseconds without anything, of all gaps that count. */
  readonly lost: number;
  /** When it flowed again for good; undefined where it never stopped. */
  readonly again: number | undefined;
}

/** Milliseconds between two frames, or two looks at the sound, that count as a gap; a busy machine alone makes half of it. */
const countsFrom = 1_000;

export function gaps(times: readonly number[], from: number, until: number): Gap {
  const before = times.findLast((time) => time <= from) ?? from;
  const within = [before, ...times.filter((time) => time > from && time <= until), until];
  let longest = 0;
  let lost = 0;
  let again: number | undefined;
  for (const [index, time] of within.entries()) {
    const gap = time - (within[index - 1] ?? time);
    longest = Math.max(longest, gap);
    if (gap < countsFrom) continue;
    lost += gap;
    again = time;
  }
  return { longest, lost, again };
}

function startRecording(): void {
  const recorder = globalThis as Recorder;
  if (recorder.recording) return;
  const recording: NonNullable<Recorder["recording"]> = { frames: [], sound: [], states: [], chat: [] };
  recorder.recording = recording;
  const watched = new WeakSet<HTMLVideoElement>();
  const watch = (video: HTMLVideoElement) => {
    if (watched.has(video)) return;
    watched.add(video);
    const shown = () => {
      recording.frames.push(Date.now());
      video.requestVideoFrameCallback(shown);
    };
    video.requestVideoFrameCallback(shown);
  };
  const real = new Map<string, number>();
  const look = async () => {
    for (const video of document.querySelectorAll<HTMLVideoElement>(
      "[data-testid=tile]:not([data-local=true]) video",
    )) {
      watch(video);
    }
    for (const connection of recorder.madeConnections ?? []) {
      if (connection.connectionState === "closed") continue;
      for (const report of (await connection.getStats()).values()) {
        if (report.type !== "inbound-rtp" || report.kind !== "audio") continue;
        const samples = report.totalSamplesReceived - report.concealedSamples;
        const key = report.trackIdentifier;
        // 20 ms of 48 kHz: less is what is left of before.
        if (samples - (real.get(key) ?? samples) > 960) recording.sound.push(Date.now());
        real.set(key, samples);
      }
    }
    setTimeout(look, 100);
  };
  void look();
  const { satsuma } = window as unknown as {
    satsuma: {
      subscribe(listener: () => void): void;
      onHappening(listener: (happening: { type: string; message?: { text: string } }) => void): void;
      snapshot(): {
        connection: { state: string };
        media: string;
        participants: readonly { local: boolean; name: string; connection: string }[];
      };
    };
  };
  let last = "";
  const note = () => {
    const { connection, media, participants } = satsuma.snapshot();
    const others = participants.filter(({ local }) => !local).map(({ name, connection }) => `${name} ${connection}`);
    const state = [`socket ${connection.state}`, `media ${media}`, ...others].join(", ");
    if (state === last) return;
    last = state;
    recording.states.push({ at: Date.now(), state });
  };
  satsuma.subscribe(note);
  note();
  satsuma.onHappening((happening) => {
    if (happening.type === "chat" && happening.message) recording.chat.push(happening.message.text);
  });
}
