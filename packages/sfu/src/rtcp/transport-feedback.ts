/**
 * Reads transport-wide feedback (draft-holmer-rmcat-transport-wide-cc-extensions-01 §3.1): which packets of a session came,
 * and when.
 *
 * One feedback packet is a base sequence number and a count of statuses, in chunks of 16 bits, each a run of one status
 * or a vector of 14 or 7; then for every packet that came the time since the one before, in one byte or in two.
 */
import { uint16, uint32 } from "../rtp/header.ts";

/** RTPFB, and its format of transport-wide feedback. */
export const feedbackType = 205;
export const feedbackFormat = 15;
/** Deltas are multiples of this many ms. */
export const tick = 0.25;
/** The reference time is in multiples of this many ms, on 24 bits. */
export const referenceUnit = 64;
export const referenceCycle = 2 ** 24;
/** Chunks and deltas begin behind the fixed part. */
export const chunksAt = 20;
/** Statuses in one packet: more than a peer has reason to report at once, so that a few bytes cannot claim 65,535. */
export const mostStatuses = 8_192;

/** What one feedback packet said. Made once and filled again and again. */
export interface TransportFeedback {
  mediaSsrc: number;
  /** Sequence number of the first packet reported on. */
  base: number;
  /** Packets reported on; those that are not among `offsets` did not come. */
  count: number;
  /** Counts the feedback packets of the sender, on 8 bits. */
  feedbackCount: number;
  /** ms on the peer's clock, modulo 2²⁴ · 64 ms. */
  referenceTime: number;
  /** Packets that came. */
  received: number;
  /** For each that came: its distance from `base`, ascending. */
  readonly offsets: Uint16Array;
  /** For each that came: ms after the reference time. */
  readonly times: Float64Array;
}

export function newTransportFeedback(): TransportFeedback {
  const fields = { mediaSsrc: 0, base: 0, count: 0, feedbackCount: 0, referenceTime: 0, received: 0 };
  return { ...fields, offsets: new Uint16Array(mostStatuses), times: new Float64Array(mostStatuses) };
}

/** Reads the RTCP packet at `at`, which ends at `end`; false when it is not feedback of this kind, or malformed. */
export function readTransportFeedback(packet: Uint8Array, at: number, end: number, into: TransportFeedback): boolean {
  if (end > packet.length || end - at < chunksAt) return false;
  if (packet[at + 1] !== feedbackType || ((packet[at] ?? 0) & 0x1f) !== feedbackFormat) return false;
  const count = uint16(packet, at + 14);
  if (count === 0 || count > mostStatuses) return false;
  into.mediaSsrc = uint32(packet, at + 8);
  into.base = uint16(packet, at + 12);
  into.count = count;
  into.referenceTime = (uint32(packet, at + 16) >>> 8) * referenceUnit;
  into.feedbackCount = packet[at + 19] ?? 0;
  const deltasAt = readStatuses(packet, at + chunksAt, end, count, into);
  return deltasAt !== undefined && readDeltas(packet, deltasAt, end, into);
}

/** Bytes of the delta of each packet that came, until its time takes their place. */
const small = 1;
const large = 2;

/** The offset behind the chunks, or undefined when they end too early or use a reserved status. */
function readStatuses(
  packet: Uint8Array,
  from: number,
  end: number,
  count: number,
  into: TransportFeedback,
): number | undefined {
  let at = from;
  let offset = 0;
  into.received = 0;
  while (offset < count) {
    if (at + 2 > end) return undefined;
    const chunk = uint16(packet, at);
    at += 2;
    if (chunk < 0x8000) {
      const symbol = chunk >> 13;
      const last = Math.min(count, offset + (chunk & 0x1fff));
      if (symbol > large || last === offset) return undefined;
      if (symbol === 0) offset = last;
      for (; offset < last; offset += 1) came(offset, symbol, into);
      continue;
    }
    const wide = (chunk & 0x4000) !== 0;
    for (let shift = wide ? 12 : 13; shift >= 0 && offset < count; shift -= wide ? 2 : 1) {
      const symbol = (chunk >> shift) & (wide ? 3 : 1);
      if (symbol > large) return undefined;
      if (symbol !== 0) came(offset, symbol, into);
      offset += 1;
    }
  }
  return at;
}

function came(offset: number, symbol: number, into: TransportFeedback): void {
  into.offsets[into.received] = offset;
  into.times[into.received] = symbol;
  into.received += 1;
}

function readDeltas(packet: Uint8Array, from: number, end: number, into: TransportFeedback): boolean {
  let at = from;
  let ticks = 0;
  for (let index = 0; index < into.received; index += 1) {
    const size = into.times[index] === small ? small : large;
    if (at + size > end) return false;
    ticks += size === small ? (packet[at] ?? 0) : (uint16(packet, at) << 16) >> 16;
    into.times[index] = ticks * tick;
    at += size;
  }
  return true;
}
