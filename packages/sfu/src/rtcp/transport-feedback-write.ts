/** Writes transport-wide feedback; the format is told in `transport-feedback.ts`. */
import { writeUint16, writeUint32 } from "../rtp/header.ts";
import {
  chunksAt,
  feedbackFormat,
  feedbackType,
  mostStatuses,
  referenceCycle,
  referenceUnit,
  tick,
} from "./transport-feedback.ts";

export interface FeedbackAddress {
  readonly senderSsrc: number;
  /** One that the peer sends: Chromium (156) drops feedback on any other without a word. */
  readonly mediaSsrc: number;
  /** Counts feedback packets on 8 bits. */
  readonly feedbackCount: number;
}

export interface WrittenFeedback {
  readonly packet: Uint8Array;
  /** How many of the arrivals are in it; the rest needs another packet. */
  readonly count: number;
}

/** Bytes of one feedback packet, below what every path carries together with SRTCP. */
const largestPacket = 1_100;
const ticksPerReference = referenceUnit / tick;
const longestRun = 0x1fff;

/**
 * Feedback on packets from `base` on, `arrivals` being ms or NaN for what did not come; the last must have come. Takes as
 * many as one packet can tell of.
 */
export function writeTransportFeedback(
  address: FeedbackAddress,
  base: number,
  arrivals: ArrayLike<number>,
): WrittenFeedback {
  const reference = Math.floor(firstOf(arrivals) / referenceUnit);
  const symbols: number[] = [];
  const deltas: number[] = [];
  let ticks = reference * ticksPerReference;
  let bytes = 0;
  for (let index = 0; index < arrivals.length && index < mostStatuses; index += 1) {
    const arrival = arrivals[index] ?? Number.NaN;
    if (Number.isNaN(arrival)) {
      symbols.push(0);
      continue;
    }
    const then = Math.round(arrival / tick);
    const delta = then - ticks;
    const size = delta >= 0 && delta <= 0xff ? 1 : 2;
    // A chunk has at least 7 statuses. What is too far in time from the one before begins a packet of its own.
    const room = chunksAt + bytes + size + Math.ceil((symbols.length + 1) / 7) * 2 <= largestPacket;
    if (!room || delta > 0x7fff || delta < -0x8000) break;
    bytes += size;
    ticks = then;
    symbols.push(size);
    deltas.push(delta);
  }
  while (symbols.at(-1) === 0) symbols.pop();
  const chunks = chunksOf(symbols);
  const end = chunksAt + chunks.length * 2 + bytes;
  const packet = new Uint8Array(Math.ceil(end / 4) * 4);
  packet[0] = 0x80 | (packet.length > end ? 0x20 : 0) | feedbackFormat;
  packet[1] = feedbackType;
  writeUint16(packet, 2, packet.length / 4 - 1);
  writeUint32(packet, 4, address.senderSsrc);
  writeUint32(packet, 8, address.mediaSsrc);
  writeUint16(packet, 12, base & 0xffff);
  writeUint16(packet, 14, symbols.length);
  writeUint32(packet, 16, (((reference % referenceCycle) << 8) | (address.feedbackCount & 0xff)) >>> 0);
  let at = chunksAt;
  for (const chunk of chunks) {
    writeUint16(packet, at, chunk);
    at += 2;
  }
  for (const delta of deltas) {
    if (delta >= 0 && delta <= 0xff) packet[at] = delta;
    else writeUint16(packet, at, delta & 0xffff);
    at += delta >= 0 && delta <= 0xff ? 1 : 2;
  }
  // RFC 3550 §6.4.1: the last byte of the padding counts it.
  if (packet.length > end) packet[packet.length - 1] = packet.length - end;
  return { packet, count: symbols.length };
}

function firstOf(arrivals: ArrayLike<number>): number {
  for (let index = 0; index < arrivals.length; index += 1) {
    const arrival = arrivals[index] ?? Number.NaN;
    if (!Number.isNaN(arrival)) return arrival;
  }
  throw new Error("Feedback tells of one packet at least that came.");
}

/** Runs where a vector would hold less, else vectors: of single bits while no delta needs two bytes. */
function chunksOf(symbols: readonly number[]): number[] {
  const chunks: number[] = [];
  let at = 0;
  while (at < symbols.length) {
    const symbol = symbols[at] ?? 0;
    let run = 1;
    while (run < longestRun && symbols[at + run] === symbol) run += 1;
    const narrow = symbols.slice(at, at + 14).every((other) => other < 2);
    const held = narrow ? 14 : 7;
    if (run >= held || at + run === symbols.length) {
      chunks.push((symbol << 13) | run);
      at += run;
      continue;
    }
    let chunk = narrow ? 0x8000 : 0xc000;
    for (let index = 0; index < held; index += 1) {
      chunk |= (symbols[at + index] ?? 0) << (narrow ? 13 - index : 12 - index * 2);
    }
    chunks.push(chunk);
    at += held;
  }
  return chunks;
}
