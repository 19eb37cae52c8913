/** Simulated peers with a session each: one publishes tracks, the other pulls them. */
import type { Link } from "@satsuma/testkit";
import { expect } from "vitest";
import { accepting, offer } from "../descriptions.ts";
import type { Wire } from "../wire.ts";
import type { World } from "../world.ts";
import { Arrivals } from "./arrivals.ts";
import { isControl, readRtp } from "./bytes.ts";
import { readControl, receiverReport } from "./control.ts";
import { Ledger, must } from "./ledger.ts";
import { readMark } from "./mark.ts";
import { offered } from "./offered.ts";
import { type Track, uris } from "./publisher.ts";
import { readLines } from "./terms.ts";
import { Feed } from "./viewer.ts";

export const app = "app";

/** A session and its way to the SFU and back. */
export abstract class Peer {
  readonly world: World;
  readonly session: string;
  readonly up: Link;
  readonly down: Link;
  wire: Wire | undefined;

  constructor(world: World, session: string, links: { readonly up: Link; readonly down: Link }) {
    this.world = world;
    this.session = session;
    this.up = links.up;
    this.down = links.down;
  }

  get gone(): boolean {
    return this.wire?.state === "closed";
  }

  /** What it sends by itself at this time. */
  abstract wake(now: number): Uint8Array[];
  abstract nextDeadline(): number | undefined;
  /** What it sends because of a packet that came. */
  abstract heard(bytes: Uint8Array, now: number): Uint8Array[];
  /** The SFU sends it this packet: before the link. */
  abstract emitted(bytes: Uint8Array, now: number): void;
  /** Its packet comes to the SFU: behind the link. */
  abstract arriving(bytes: Uint8Array, now: number): void;
}

export class Publisher extends Peer {
  readonly tracks: readonly Track[];
  readonly #arrived: (id: number) => void;

  constructor(
    world: World,
    session: string,
    links: { readonly up: Link; readonly down: Link },
    tracks: readonly Track[],
    arrived: (id: number) => void,
  ) {
    super(world, session, links);
    this.tracks = tracks;
    this.#arrived = arrived;
  }

  async publish(): Promise<void> {
    const opened = this.world.wires.length;
    const answered = await this.world.sfu.tracks(app, this.session, {
      tracks: this.tracks.map(({ mid, name }) => ({ location: "local", mid, trackName: name })),
      sessionDescription: offer(this.tracks.map(offered)),
    });
    expect(answered.tracks?.map(({ errorCode }) => errorCode)).toEqual(this.tracks.map(() => undefined));
    const lines = readLines(answered.sessionDescription?.sdp ?? "");
    this.tracks.forEach((track, index) => {
      track.line = lines[index];
    });
    this.wire = this.world.wires[opened];
  }

  wake(now: number): Uint8Array[] {
    return this.wire?.state === "connected" ? this.tracks.flatMap((track) => track.wake(now)) : [];
  }

  nextDeadline(): number | undefined {
    if (this.wire?.state !== "connected") return undefined;
    return Math.min(...this.tracks.map((track) => track.nextDeadline()));
  }

  heard(bytes: Uint8Array): Uint8Array[] {
    if (!isControl(bytes)) throw new Error("A publisher pulls nothing.");
    return readControl(bytes).flatMap((control) => this.tracks.flatMap((track) => track.hear(control)));
  }

  emitted(): void {}

  arriving(bytes: Uint8Array): void {
    if (isControl(bytes)) return;
    const packet = readRtp(bytes);
    const line = this.tracks.find(({ line }) => line?.repairType === packet.payloadType);
    const id = readMark(line === undefined ? packet.payload : packet.payload.subarray(2))?.id;
    if (id !== undefined) this.#arrived(id);
  }
}

/** s. */
const clockTolerance = 0.005;
/** ms between receiver reports. */
const reportInterval = 500;

export interface Pulled {
  readonly mid: string;
  readonly feed: Feed;
  readonly ledger: Ledger;
  source: { readonly publisher: Publisher; readonly track: Track };
  preferredRid: string | undefined;
  open: boolean;
  /** The newest sender report, until a packet shows of which timestamps it speaks: it may come before them. */
  reported: { readonly ntp: number; readonly timestamp: number } | undefined;
}

export class Viewer extends Peer {
  readonly pulls: Pulled[] = [];
  readonly #arrived: (id: number) => boolean;
  /** Whether it tells when packets came: then it is sent what it can receive, and otherwise everything. */
  readonly feedback: boolean;
  readonly #arrivals = new Arrivals();
  #reportAt: number;

  constructor(
    world: World,
    session: string,
    links: { readonly up: Link; readonly down: Link },
    arrived: (id: number) => boolean,
    feedback: boolean,
  ) {
    super(world, session, links);
    this.#arrived = arrived;
    this.feedback = feedback;
    this.#reportAt = world.now + reportInterval;
  }

  /** Pulls tracks and answers what the SFU offers. */
  async pull(sources: readonly Pulled["source"][]): Promise<void> {
    const opened = this.world.wires.length;
    const pulled = await this.world.sfu.tracks(app, this.session, {
      tracks: sources.map(({ publisher, track }) => ({
        location: "remote",
        sessionId: publisher.session,
        trackName: track.name,
      })),
    });
    expect(pulled.tracks?.map(({ errorCode }) => errorCode)).toEqual(sources.map(() => undefined));
    const sdp = pulled.sessionDescription?.sdp ?? "";
    this.wire = this.world.wires[opened] ?? this.wire;
    const offers = readLines(sdp);
    sources.forEach((source, index) => {
      const mid = pulled.tracks?.[index]?.mid ?? "";
      const line = offers.find((other) => other.mid === mid);
      if (line === undefined) throw new Error("The SFU offers what was pulled.");
      const { id } = source.track;
      const ledger = new Ledger(line, id, this.#arrived, !this.feedback);
      this.pulls.push({
        mid,
        feed: new Feed(line, id),
        ledger,
        source,
        preferredRid: undefined,
        open: true,
        reported: undefined,
      });
    });
    const { type, sdp: answer } = accepting(sdp);
    const lines = answer.split("\r\n").filter((line) => this.feedback || !line.includes("transport-"));
    await this.world.sfu.renegotiate(app, this.session, { type, sdp: lines.join("\r\n") });
  }

  /** Another source on the same m-line, or other wishes for the same. */
  update(pull: Pulled, source: Pulled["source"], preferredRid: string | undefined): void {
    const { publisher, track } = source;
    const simulcast =
      preferredRid === undefined ? undefined : { preferredRid, ridNotAvailable: "asciibetical" as const };
    const updated = this.world.sfu.update(app, this.session, {
      tracks: [
        {
          location: "remote",
          mid: pull.mid,
          sessionId: publisher.session,
          trackName: track.name,
          ...(simulcast && { simulcast }),
        },
      ],
    });
    expect(updated.tracks?.[0]?.errorCode).toBeUndefined();
    if (pull.source.track !== track) pull.ledger.forgive();
    pull.source = source;
    // Who says nothing of layers keeps their wish.
    pull.preferredRid = preferredRid ?? pull.preferredRid;
    pull.ledger.track = track.id;
  }

  async stop(pull: Pulled): Promise<void> {
    pull.open = false;
    await this.world.sfu.close(app, this.session, { tracks: [{ mid: pull.mid }], force: true });
  }

  wake(now: number): Uint8Array[] {
    if (this.wire?.state !== "connected") return [];
    const reports = this.pulls.flatMap(({ feed, open }) => (open ? feed.wake(now) : []));
    const ssrc = this.pulls[0]?.feed.line.ssrc;
    if (ssrc !== undefined && this.feedback) reports.push(...this.#arrivals.due(ssrc, now));
    if (now < this.#reportAt) return reports;
    this.#reportAt = now + reportInterval;
    const blocks = this.pulls.flatMap(({ feed: { line, received, highest, first } }) => {
      if (line.ssrc === undefined || received === 0) return [];
      return [{ ssrc: line.ssrc, fraction: 0, lost: Math.max(0, highest - first + 1 - received), highest }];
    });
    return blocks.length > 0 ? [...reports, receiverReport(blocks.slice(0, 31))] : reports;
  }

  nextDeadline(): number | undefined {
    if (this.wire?.state !== "connected") return undefined;
    let next = Math.min(this.#reportAt, this.#arrivals.nextDeadline());
    for (const { feed, open } of this.pulls) {
      const at = open ? feed.nextDeadline() : undefined;
      if (at !== undefined && at < next) next = at;
    }
    return next;
  }

  heard(bytes: Uint8Array, now: number): Uint8Array[] {
    if (isControl(bytes)) {
      readControl(bytes);
      return [];
    }
    const packet = readRtp(bytes);
    const feed = this.#of(packet.ssrc)?.feed;
    const id = feed?.line.extensions.get(uris.transportWide);
    this.#arrivals.heard(id === undefined ? undefined : packet.extensions.get(id), now);
    feed?.heard(packet, now);
    return [];
  }

  emitted(bytes: Uint8Array, now: number): void {
    if (isControl(bytes)) {
      for (const control of readControl(bytes)) {
        const pull = control.type === "sender" ? this.#of(control.ssrc) : undefined;
        if (control.type === "sender" && pull !== undefined) pull.reported = control;
      }
      return;
    }
    const packet = readRtp(bytes);
    const pull = this.#of(packet.ssrc);
    if (pull === undefined) throw new Error(`SSRC ${packet.ssrc} was never offered.`);
    if (!pull.open) throw new Error(`A packet for ${pull.mid}, which was closed.`);
    const clock = this.#clockOf(pull);
    pull.ledger.sent(packet, now);
    this.#keepsStep(pull, clock);
  }

  arriving(bytes: Uint8Array, now: number): void {
    if (!isControl(bytes) || this.wire?.state !== "connected") return;
    for (const control of readControl(bytes)) {
      if (control.type === "nack") this.#of(control.ssrc)?.ledger.asked(control.sequences, now);
    }
  }

  /** s that the publisher's clock showed when the world began, by the newest report of a stream. */
  #clockOf({ reported, ledger }: Pulled): number | undefined {
    const captured = reported && ledger.capturedAt(reported.timestamp);
    return reported && captured !== undefined ? reported.ntp - captured / 1_000 : undefined;
  }

  /** Sound and picture of one publisher stay in step: every report tells when a picture was taken by the publisher's clock. */
  #keepsStep(pull: Pulled, before: number | undefined): void {
    const after = this.#clockOf(pull);
    pull.reported = undefined;
    if (before === undefined || after === undefined) return;
    const { clock } = pull.source.track;
    // A report may come before the first packet of what it tells about.
    const off = Math.min(Math.abs(clock - before), Math.abs(clock - after));
    must(off < clockTolerance, `the publisher's clock is told with ${off} s too much or too little`);
  }

  #of(ssrc: number): Pulled | undefined {
    return this.pulls.find(({ feed: { line } }) => line.ssrc === ssrc || line.repairSsrc === ssrc);
  }
}
