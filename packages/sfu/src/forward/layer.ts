/**
 * One incoming stream of a publication: all of it, or one simulcast layer. Keeps what arrived, and asks for keyframes.
 *
 * Requests are merged: at most one goes out per interval, and one that came too early is kept for later.
 */
import { pictureLossIndication, type ReceptionBlock, reporterSsrc } from "../rtcp/write.ts";
import type { RtpHeader } from "../rtp/header.ts";
import { Reception } from "./reception.ts";

/** A second without the keyframe that was asked for: the request or the frame was lost (RFC 4585 §6.3.1.2 leaves the pace open). */
const keyframePatience = 1_000;

export class Layer {
  /** Empty for a publication without simulcast. */
  readonly rid: string;
  readonly #clockRate: number;
  readonly #keyframeInterval: number;
  #reception: Reception;
  #ssrc: number | undefined;
  #askedAt = Number.NEGATIVE_INFINITY;
  #owed = false;
  /** Asked for and not seen yet. */
  #awaited = false;

  constructor(rid: string, clockRate: number, keyframeInterval: number) {
    this.rid = rid;
    this.#clockRate = clockRate;
    this.#reception = new Reception(clockRate);
    this.#keyframeInterval = keyframeInterval;
  }

  /** The SSRC it was last heard on. */
  get ssrc(): number | undefined {
    return this.#ssrc;
  }

  get reception(): Reception {
    return this.#reception;
  }

  /** Under another SSRC the stream begins anew, and its numbers mean something else. */
  received(header: RtpHeader, length: number, keyframe: boolean, now: number): void {
    if (header.ssrc !== this.#ssrc) this.#reception = new Reception(this.#clockRate);
    this.#ssrc = header.ssrc;
    this.#reception.received(header, length, now);
    if (!keyframe) return;
    // Whoever asked before it began gets it, and needs no other.
    this.#awaited = false;
    this.#owed = false;
  }

  wantKeyframe(): void {
    this.#owed = true;
  }

  /** The request that is due at `now`, if any. Before the first packet nobody knows whom to ask. */
  dueRequest(now: number): Uint8Array | undefined {
    if (this.#ssrc === undefined) return undefined;
    if (this.#awaited && now - this.#askedAt >= keyframePatience) this.#owed = true;
    if (!this.#owed || now - this.#askedAt < this.#keyframeInterval) return undefined;
    this.#askedAt = now;
    this.#owed = false;
    this.#awaited = true;
    return pictureLossIndication(reporterSsrc, this.#ssrc);
  }

  /** When `dueRequest` has something to say, or undefined. */
  nextDeadline(): number | undefined {
    if (this.#ssrc === undefined) return undefined;
    if (this.#owed) return this.#askedAt + this.#keyframeInterval;
    return this.#awaited ? this.#askedAt + keyframePatience : undefined;
  }

  report(now: number): ReceptionBlock | undefined {
    return this.#ssrc === undefined ? undefined : this.#reception.report(this.#ssrc, now);
  }
}
