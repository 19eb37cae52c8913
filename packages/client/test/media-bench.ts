/** The media core with time in the hand, and the answers of a media server. */
import { MediaCore } from "../src/media/core.ts";
import type { LocalTrack, MediaEffect, MediaInput, RemoteTrack } from "../src/media/words.ts";

export const microphone: LocalTrack = {
  id: "microphone",
  source: "microphone",
  kind: "audio",
  muted: false,
  silent: false,
};
export const camera: LocalTrack = { id: "camera", source: "camera", kind: "video", muted: false, silent: false };
export const ada: RemoteTrack = { session: "s-ada", name: "voice", kind: "audio", muted: false };
export const face: RemoteTrack = { session: "s-ada", name: "face", kind: "video", muted: false };

export class MediaBench {
  now = 0;
  attempt = 0;
  /** Of the newest push of each track. */
  readonly names = new Map<string, string>();
  effects: MediaEffect[] = [];
  #names = 0;
  readonly core = new MediaCore({
    policy: ({ failures }) => Math.min(8000, 250 * 2 ** (failures - 1)),
    newName: () => `track-${++this.#names}`,
  });

  do(input: MediaInput): MediaEffect[] {
    const effects = this.core.handle(input, this.now);
    for (const effect of effects) {
      if (effect.effect === "open") this.attempt = effect.attempt;
      if (effect.effect === "push") this.names.set(effect.id, effect.name);
    }
    this.effects.push(...effects);
    return effects;
  }

  pass(milliseconds: number): MediaEffect[] {
    const from = this.effects.length;
    const end = this.now + milliseconds;
    for (let due = this.core.nextDeadline(); due !== undefined && due <= end; due = this.core.nextDeadline()) {
      this.now = Math.max(this.now, due);
      this.do({ input: "tick" });
    }
    this.now = end;
    return this.effects.slice(from);
  }

  /** Goes to the next deadline, if there is one, and rings there once. */
  ring(): void {
    const due = this.core.nextDeadline();
    if (due === undefined) return;
    this.now = Math.max(this.now, due);
    this.do({ input: "tick" });
  }

  transport(state: RTCPeerConnectionState): MediaEffect[] {
    return this.do({ input: "transport", attempt: this.attempt, state });
  }

  publish(id: "microphone" | "camera", session = "s-me"): MediaEffect[] {
    const name = this.names.get(id) ?? "";
    this.do({ input: "pushed", attempt: this.attempt, id, name, session });
    return this.do({ input: "flowing", attempt: this.attempt, id, name });
  }
}

export const kinds = (effects: readonly MediaEffect[]) => effects.map(({ effect }) => effect);
export const announced = (effects: readonly MediaEffect[]) =>
  effects.flatMap((effect) => (effect.effect === "announce" ? [effect.tracks] : [])).at(-1);
