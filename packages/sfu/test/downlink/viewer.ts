/**
 * A subscriber behind a narrow link, in virtual time: it answers with transport-wide feedback, asks for lost packets and
 * keyframes, and keeps what it saw of each track.
 */
import type { Link } from "@satsuma/testkit";
import { Arrivals } from "../../src/congestion/arrivals.ts";
import { findExtension, isRtcp, readRtpHeader, uint16 } from "../../src/rtp/header.ts";
import { sequenceDistance } from "../../src/rtp/sequence.ts";
import { pictureLossPacket, rtcp } from "../packets.ts";
import type { Wire } from "../wire.ts";
import type { Machine } from "./machine.ts";

/** ms of the way back. */
const back = 20;
/** ms before a packet is asked for, and between two requests. */
const nackAfter = 20;
const nackAgain = 60;
const nackTries = 8;

/** What is received of one stream. */
class Stream {
  readonly kind: "audio" | "video";
  readonly ssrc: number;
  /** The layer that came last, and when it changed to it. */
  rid: string | undefined;
  lastAt = 0;
  packets = 0;
  bytes = 0;
  #highest: number | undefined;
  readonly #missing = new Map<number, { at: number; tries: number }>();

  constructor(kind: "audio" | "video", ssrc: number) {
    this.kind = kind;
    this.ssrc = ssrc;
  }

  received(sequence: number, payload: Uint8Array, now: number): void {
    this.packets += 1;
    this.bytes += payload.length;
    this.lastAt = now;
    const rid = String.fromCharCode(payload[19] ?? 0);
    // A picture that begins anew needs nothing of what was before, as browsers have it.
    if (this.kind === "video" && rid !== this.rid && sequenceDistance(this.#highest ?? sequence - 1, sequence) > 0) {
      this.#missing.clear();
      this.rid = rid;
    }
    if (this.#highest === undefined) this.#highest = sequence;
    this.#missing.delete(sequence);
    const ahead = sequenceDistance(this.#highest, sequence);
    if (ahead <= 0) return;
    for (let lost = 1; lost < Math.min(ahead, 100); lost += 1) {
      this.#missing.set((this.#highest + lost) & 0xffff, { at: now + nackAfter, tries: 0 });
    }
    this.#highest = sequence;
  }

  /** Requests that are due: for packets, and for a keyframe where one will not come. */
  requests(now: number): Uint8Array[] {
    const due: number[] = [];
    let lost = false;
    for (const [sequence, missing] of this.#missing) {
      if (now < missing.at) continue;
      missing.at = now + nackAgain;
      missing.tries += 1;
      if (missing.tries > nackTries) {
        this.#missing.delete(sequence);
        lost = true;
      } else due.push(sequence);
    }
    if (this.kind === "audio") return [];
    const nack = due.length === 0 ? [] : [rtcp(1, 205, [1, this.ssrc, ...due.map((sequence) => sequence * 0x10000)])];
    return lost ? [...nack, pictureLossPacket(this.ssrc)] : nack;
  }
}

/** Whose a packet on a shared link is. */
const owners = new WeakMap<Uint8Array, Viewer>();

export class Viewer {
  /** Its session. */
  readonly id: string;
  readonly wire: Wire;
  readonly link: Link;
  readonly #machine: Machine;
  readonly streams = new Map<number, Stream>();
  readonly #repairs: ReadonlyMap<number, number>;
  readonly #transportId: number;
  readonly #arrivals = new Arrivals(9);
  readonly #answers: { readonly at: number; readonly packet: Uint8Array }[] = [];
  /** ms: the longest that a packet waited at the bottleneck since this was set to 0. */
  longestWait = 0;
  received = 0;
  padding = 0;
  /** Whether it gives feedback. */
  answers = true;

  /** From what the SFU's offer says: the streams with their repairs, and the number of the extension. */
  constructor(id: string, wire: Wire, link: Link, machine: Machine, offered: string) {
    this.#machine = machine;
    this.id = id;
    this.wire = wire;
    this.link = link;
    this.#transportId = Number(/a=extmap:(\d+) \S*transport-wide-cc/.exec(offered)?.[1] ?? 0);
    const repairs = new Map<number, number>();
    for (const part of offered.split(/(?=^m=)/m).slice(1)) {
      const [media, repair] = (/a=ssrc-group:FID (\d+) (\d+)/.exec(part) ?? []).slice(1).map(Number);
      const ssrc = media ?? Number(/a=ssrc:(\d+) /.exec(part)?.[1]);
      this.streams.set(ssrc, new Stream(part.startsWith("m=audio") ? "audio" : "video", ssrc));
      if (repair !== undefined) repairs.set(repair, ssrc);
    }
    this.#repairs = repairs;
  }

  get pictures(): readonly Stream[] {
    return [...this.streams.values()].filter(({ kind }) => kind === "video");
  }

  get sounds(): readonly Stream[] {
    return [...this.streams.values()].filter(({ kind }) => kind === "audio");
  }

  /** The layer of each picture, in the order of the pull; "-" for one that has not come for half a second. */
  rids(now: number): string {
    return this.pictures.map(({ rid, lastAt }) => (rid === undefined || now - lastAt > 500 ? "-" : rid)).join("");
  }

  step(now: number): void {
    for (const packet of this.wire.take()) {
      // Sender reports are too few to matter on the link.
      if (isRtcp(packet)) continue;
      owners.set(packet, this);
      this.#arrive(this.link.handle(packet, now));
    }
    this.#arrive(this.link.wake(now));
    this.#machine.step(now);
    if (this.#machine.at(now) > now) return;
    for (const packet of this.#arrivals.take(now)) {
      if (this.answers) this.#answers.push({ at: now + back, packet });
    }
    for (const stream of this.streams.values()) {
      for (const packet of stream.requests(now)) this.#answers.push({ at: now + back, packet });
    }
    while ((this.#answers[0]?.at ?? Number.POSITIVE_INFINITY) <= now) {
      const answer = this.#answers.shift();
      if (answer !== undefined) this.wire.deliver(answer.packet);
    }
  }

  #arrive(deliveries: ReturnType<Link["wake"]>): void {
    for (const { packet, at, queued } of deliveries) {
      const owner = owners.get(packet);
      if (owner !== undefined) owner.#take(packet, owner.#machine.at(at), queued);
    }
  }

  #take(packet: Uint8Array, at: number, queued: number): void {
    this.longestWait = Math.max(this.longestWait, queued);
    this.received += packet.length;
    const header = readRtpHeader(packet);
    if (header === undefined) return;
    const found = findExtension(packet, header, this.#transportId);
    if (found !== undefined) this.#arrivals.received(uint16(packet, found.offset), header.ssrc, packet.length, at);
    const payload = packet.subarray(header.payloadOffset, header.payloadEnd);
    const repaired = this.#repairs.get(header.ssrc);
    if (payload.length < 2) this.padding += packet.length;
    else if (repaired === undefined) this.streams.get(header.ssrc)?.received(header.sequence, payload, at);
    else this.streams.get(repaired)?.received(uint16(payload, 0), payload.subarray(2), at);
  }
}
