/**
 * PCM that comes when it comes → RTP packets of Opus at the pace of their clock.
 *
 * A speech model sends a sentence in a moment, a phone line sends 20 ms every 20 ms: both are played in real time. What
 * comes faster is kept and, when that is too much, the sender is made to wait (`full`). Between spurts one packet of
 * silence a second keeps the track alive. Pure: the caller gives PCM and time, and sends what `due` returns.
 */
import { writeUint16, writeUint32 } from "../rtp/header.ts";
import { opusPayloadType } from "./peer.ts";
import { Waiting } from "./waiting.ts";

export interface IngestOptions {
  readonly ssrc: number;
  readonly firstSequence: number;
  readonly firstTimestamp: number;
  /** 20 ms of PCM to Opus. */
  readonly encode: (pcm: Uint8Array) => Uint8Array;
}

/** ms. */
const frameTime = 20;
const samplesPerMs = 48;
/** 20 ms of 48 kHz, two channels, two bytes. */
export const frameBytes = 3_840;
/** Frames to have before a spurt begins: a sender in real time may be that late with the next. */
const lead = 3;
/** ms to wait for more; then what is there is padded and the spurt ends. */
const patience = 100;
/** ms between packets of silence. */
const keepAlive = 1_000;
/** ms behind the clock after which it is set anew instead of caught up with: the machine slept. */
const mostLate = 500;
/** Ten seconds. */
const highWater = 500 * frameBytes;
const lowWater = 250 * frameBytes;

type State =
  | { readonly is: "quiet"; readonly silenceAt: number }
  | { readonly is: "gathering"; readonly startAt: number }
  | { readonly is: "playing"; next: number; marked: boolean };

const silence = new Uint8Array(frameBytes);
const rtpHeader = 12;

export class Ingest {
  readonly #options: IngestOptions;
  #state: State;
  readonly #waiting = new Waiting();
  #full = false;
  #sequence: number;
  #timestamp: number;
  /** When the packet of `#timestamp` was due. */
  #sentAt: number | undefined;

  constructor(options: IngestOptions, now: number) {
    this.#options = options;
    this.#sequence = options.firstSequence;
    this.#timestamp = options.firstTimestamp;
    this.#state = { is: "quiet", silenceAt: now };
  }

  /** The sender should stop until this is false again. */
  get full(): boolean {
    return this.#full;
  }

  /** The bytes are copied. Samples may be cut anywhere. */
  received(pcm: Uint8Array, now: number): void {
    if (pcm.length === 0) return;
    this.#waiting.append(pcm);
    if (this.#waiting.length > highWater) this.#full = true;
    if (this.#state.is === "quiet") this.#state = { is: "gathering", startAt: now + patience };
  }

  /** The packets whose time has come. */
  due(now: number): Uint8Array[] {
    const packets: Uint8Array[] = [];
    for (;;) {
      const packet = this.#step(now);
      if (packet === "nothing") return packets;
      if (packet !== "again") packets.push(packet);
    }
  }

  nextDeadline(): number {
    const state = this.#state;
    switch (state.is) {
      case "quiet":
        return state.silenceAt;
      case "gathering":
        return state.startAt;
      case "playing":
        return this.#waiting.length >= frameBytes ? state.next : state.next + patience;
    }
  }

  #step(now: number): Uint8Array | "again" | "nothing" {
    const state = this.#state;
    switch (state.is) {
      case "quiet":
        if (now < state.silenceAt) return "nothing";
        this.#state = { is: "quiet", silenceAt: now + keepAlive };
        return this.#packet(silence, this.#elapsed(now), now, false);
      case "gathering":
        if (this.#waiting.length < lead * frameBytes && now < state.startAt) return "nothing";
        this.#state = { is: "playing", next: now, marked: false };
        return "again";
      case "playing":
        return this.#play(state, now);
    }
  }

  #play(state: State & { is: "playing" }, now: number): Uint8Array | "again" | "nothing" {
    if (now < state.next) return "nothing";
    const whole = this.#waiting.length >= frameBytes;
    if (!whole && now < state.next + patience) return "nothing";
    if (this.#waiting.length === 0) {
      this.#state = { is: "quiet", silenceAt: now + keepAlive };
      return "again";
    }
    if (now - state.next > mostLate) state.next = now;
    const at = state.next;
    const samples = state.marked ? frameTime * samplesPerMs : this.#elapsed(at);
    const packet = this.#packet(this.#take(), samples, at, !state.marked);
    state.next += frameTime;
    state.marked = true;
    return packet;
  }

  /** Samples since the packet before, at least one frame's. */
  #elapsed(now: number): number {
    if (this.#sentAt === undefined) return 0;
    return Math.max(frameTime, Math.round(now - this.#sentAt)) * samplesPerMs;
  }

  #packet(pcm: Uint8Array, samples: number, at: number, marker: boolean): Uint8Array {
    this.#timestamp = (this.#timestamp + samples) >>> 0;
    this.#sentAt = at;
    const opus = this.#options.encode(pcm);
    const packet = new Uint8Array(rtpHeader + opus.length);
    packet[0] = 0x80;
    packet[1] = (marker ? 0x80 : 0) | opusPayloadType;
    writeUint16(packet, 2, this.#sequence);
    writeUint32(packet, 4, this.#timestamp);
    writeUint32(packet, 8, this.#options.ssrc);
    packet.set(opus, rtpHeader);
    this.#sequence = (this.#sequence + 1) & 0xffff;
    return packet;
  }

  /** The next 20 ms, filled up with silence. */
  #take(): Uint8Array {
    const frame = this.#waiting.take(frameBytes);
    if (this.#waiting.length < lowWater) this.#full = false;
    return frame;
  }
}
