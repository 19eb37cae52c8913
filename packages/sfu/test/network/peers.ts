/** Simulated peers with a session each: one publishes tracks, the other pulls them. */
import type { Link } from "@satsuma/testkit";
import { expect } from "vitest";
import { accepting, offer } from "../descriptions.ts";
import type { Wire } from "../wire.ts";
import type { World } from "../world.ts";
import { Arrivals } from "./arrivals.ts";
import { Asks } from "./asks.ts";
import { isControl, readRtp } from "./bytes.ts";
import { readControl, receiverReport } from "./control.ts";
import { Ledger } from "./ledger.ts";
import { readMark } from "./mark.ts";
import { must } from "./must.ts";
import { offered } from "./offered.ts";
import { type Track, uris } from "./publisher.ts";
import type { Register } from "./register.ts";
import { RoundTrips } from "./round-trips.ts";
import { readLines } from "./terms.ts";
import { Feed } from "./viewer.ts";

export const app = "app";

/** Bytes of IP and UDP. */
const wireOverhead = 28;

/** A session and its way to the SFU and back. */
export abstract class Peer {
  readonly world: World;
  readonly session: string;
  readonly up: Link;
  readonly down: Link;
  wire: Wire | undefined;
  /** ms: the longest that anything waited on its way here since this was set to 0; and what has come, in bytes on the wire. */
  longestWait = 0;
  bytesDown = 0;

  constructor(world: World, session: string, links: { readonly up: Link; readonly down: Link }) {
    this.world = world;
    this.session = session;
    this.up = links.up;
    this.down = links.down;
  }

  get gone(): boolean {
    return this.wire?.state === "closed";
  }

  delivered(bytes: number, waited: number): void {
    this.longestWait = Math.max(this.longestWait, waited);
    this.bytesDown += bytes + wireOverhead;
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
  readonly asks = new Asks();
  readonly #register: Register;
  readonly #plain: boolean;

  /** `plain` agrees on no retransmission and no estimate, as does a server that only passes packets on. */
  constructor(
    world: World,
    session: string,
    links: { readonly up: Link; readonly down: Link },
    tracks: readonly Track[],
    register: Register,
    plain = false,
  ) {
    super(world, session, links);
    this.tracks = tracks;
    this.#register = register;
    this.#plain = plain;
  }

  async publish(): Promise<void> {
    const opened = this.world.wires.length;
    const answered = await this.world.sfu.tracks(app, this.session, {
      tracks: this.tracks.map(({ mid, name }) => ({ location: "local", mid, trackName: name })),
      sessionDescription: offer(this.tracks.map((track) => offered(track, this.#plain))),
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

  heard(bytes: Uint8Array, now: number): Uint8Array[] {
    if (!isControl(bytes)) throw new Error("A publisher pulls nothing.");
    const roundTrip = this.#meanRoundTrip;
    return readControl(bytes).flatMap((control) => this.tracks.flatMap((track) => track.hear(control, roundTrip, now)));
  }

  emitted(bytes: Uint8Array, now: number): void {
    if (!isControl(bytes)) return;
    for (const control of readControl(bytes)) this.asks.heard(control, this.#roundTrip, now);
  }

  /** ms that a packet takes at the least. */
  get #roundTrip(): number {
    return this.up.conditions.delay + this.down.conditions.delay;
  }

  /** ms as Chromium (156) knows it and takes for the time of an echo: the mean of what reports tell, with what they were held up. */
  get #meanRoundTrip(): number {
    return this.#roundTrip + (this.up.conditions.jitter + this.down.conditions.jitter) / 2;
  }

  arriving(bytes: Uint8Array, now: number): void {
    if (isControl(bytes)) return;
    const packet = readRtp(bytes);
    const line = this.tracks.find(({ line }) => line?.repairType === packet.payloadType);
    const mark = readMark(line === undefined ? packet.payload : packet.payload.subarray(2));
    if (mark !== undefined) this.#register.arrived(mark, now);
  }
}

/** s. */
const clockTolerance = 0.005;
/** ms for which pacing may hold something back, with its step. */
const longestHeld = 255;
/** ms before which the SFU repeats nothing twice, while no report has told it the round trip. */
const assumedRoundTrip = 50;
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
  reported: { readonly ntp: number; readonly timestamp: number; readonly at: number } | undefined;
}

export class Viewer extends Peer {
  readonly pulls: Pulled[] = [];
  readonly #register: Register;
  /** Whether it tells when packets came: then it is sent what it can receive, and otherwise everything. */
  readonly feedback: boolean;
  readonly #plain: boolean;
  readonly #arrivals = new Arrivals();
  readonly #roundTrips = new RoundTrips();
  #reportAt: number;

  constructor(
    world: World,
    session: string,
    links: { readonly up: Link; readonly down: Link },
    register: Register,
    feedback: boolean,
    plain = false,
  ) {
    super(world, session, links);
    this.#plain = plain;
    this.#register = register;
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
      const whole = offers.find((other) => other.mid === mid);
      if (whole === undefined) throw new Error("The SFU offers what was pulled.");
      const line = this.#plain ? { ...whole, feedback: new Set<string>() } : whole;
      const { id } = source.track;
      const ledger = new Ledger(line, id, this.#register, this.feedback ? longestHeld : 0);
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
    const lines = answer.split("\r\n").filter((line) => this.#takes(line));
    await this.world.sfu.renegotiate(app, this.session, { type, sdp: lines.join("\r\n") });
  }

  #takes(line: string): boolean {
    return (this.feedback || !line.includes("transport-")) && !(this.#plain && line.endsWith(" nack"));
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
    if (pull.source.track !== track) pull.reported = undefined;
    pull.source = source;
    // Who says nothing of layers keeps their wish.
    pull.preferredRid = preferredRid ?? pull.preferredRid;
    pull.ledger.turn(track.id, this.world.now);
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
      const lost = Math.max(0, highest - first + 1 - received);
      return [{ ssrc: line.ssrc, fraction: 0, lost, highest, ...this.#roundTrips.answer(line.ssrc, now) }];
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
      for (const control of readControl(bytes)) {
        if (control.type === "sender") this.#roundTrips.heard(control.ssrc, control.middle, now);
      }
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
        if (control.type !== "sender" || pull === undefined) continue;
        pull.reported = { ...control, at: now };
        this.#roundTrips.sent(control.ssrc, control.middle, now);
      }
      return;
    }
    const packet = readRtp(bytes);
    const pull = this.#of(packet.ssrc);
    if (pull === undefined) throw new Error(`SSRC ${packet.ssrc} was never offered.`);
    if (!pull.open) throw new Error(`A packet for ${pull.mid}, which was closed.`);
    const clock = this.#clockOf(pull);
    pull.ledger.sent(packet, now);
    this.#keepsStep(pull, clock, now);
  }

  arriving(bytes: Uint8Array, now: number): void {
    if (!isControl(bytes) || this.wire?.state !== "connected") return;
    for (const control of readControl(bytes)) {
      if (control.type === "receiver") this.#roundTrips.arrived(control.blocks, now);
      if (control.type !== "nack") continue;
      const pause = this.#roundTrips.longest ?? assumedRoundTrip;
      this.#of(control.ssrc)?.ledger.asked(control.sequences, pause, now);
    }
  }

  /** s that the publisher's clock showed when the world began, by the newest report of a stream. */
  #clockOf({ reported, ledger }: Pulled): number | undefined {
    const captured = reported && ledger.capturedAt(reported.timestamp);
    return reported && captured !== undefined ? reported.ntp - captured / 1_000 : undefined;
  }

  /** Sound and picture of one publisher stay in step: every report tells when a picture was taken by the publisher's clock. */
  #keepsStep(pull: Pulled, before: number | undefined, now: number): void {
    const after = this.#clockOf(pull);
    const { reported, source } = pull;
    if (reported === undefined || before === undefined || after === undefined) return;
    const { clock } = source.track;
    // A report may come before the first packet of what it tells about, for as long as pacing holds that back.
    const off = Math.min(Math.abs(clock - before), Math.abs(clock - after));
    if (off >= clockTolerance && now - reported.at <= (this.feedback ? longestHeld : 0)) return;
    must(off < clockTolerance, `the publisher's clock is told with ${off} s too much or too little`);
    pull.reported = undefined;
  }

  #of(ssrc: number): Pulled | undefined {
    return this.pulls.find(({ feed: { line } }) => line.ssrc === ssrc || line.repairSsrc === ssrc);
  }
}
