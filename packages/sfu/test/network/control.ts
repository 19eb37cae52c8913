/** RTCP as the simulated peers read and write it. */
import { rtcp } from "../packets.ts";
import { viewOf } from "./bytes.ts";

export type Control =
  | { readonly type: "nack"; readonly ssrc: number; readonly sequences: readonly number[] }
  | { readonly type: "keyframe"; readonly ssrc: number }
  | {
      readonly type: "sender";
      readonly ssrc: number;
      readonly ntp: number;
      readonly timestamp: number;
      /** The middle 32 bits of the time, by which a receiver names the report. */
      readonly middle: number;
    }
  | { readonly type: "receiver"; readonly blocks: readonly Block[] }
  | { readonly type: "other" };

/** Seconds of NTP time as a number; 2^-20 s is exact enough for what is compared. */
function ntpOf(view: DataView, at: number): number {
  return view.getUint32(at) + view.getUint32(at + 4) / 2 ** 32;
}

/** Every part of a compound. Throws for one that is cut short: the SFU sends none. */
export function readControl(bytes: Uint8Array): Control[] {
  const found: Control[] = [];
  const view = viewOf(bytes);
  for (let at = 0; at < bytes.length; ) {
    const end = at + (view.getUint16(at + 2) + 1) * 4;
    if (end > bytes.length) throw new Error("The SFU sends whole RTCP packets.");
    found.push(...readPart(view, at, end));
    at = end;
  }
  return found;
}

function readPart(view: DataView, at: number, end: number): Control[] {
  const format = view.getUint8(at) & 0x1f;
  const type = view.getUint8(at + 1);
  if (type === 205 && format === 1) {
    const sequences: number[] = [];
    for (let entry = at + 12; entry + 4 <= end; entry += 4) {
      const first = view.getUint16(entry);
      const others = view.getUint16(entry + 2);
      sequences.push(first);
      for (let bit = 0; bit < 16; bit += 1) if (others & (1 << bit)) sequences.push((first + 1 + bit) & 0xffff);
    }
    return [{ type: "nack", ssrc: view.getUint32(at + 8), sequences }];
  }
  if (type === 206 && format === 1) return [{ type: "keyframe", ssrc: view.getUint32(at + 8) }];
  if (type === 206 && format === 4) {
    return Array.from({ length: Math.floor((end - at - 12) / 8) }, (_, index) => ({
      type: "keyframe" as const,
      ssrc: view.getUint32(at + 12 + index * 8),
    }));
  }
  if (type === 200) {
    const ssrc = view.getUint32(at + 4);
    const middle = view.getUint32(at + 10);
    return [{ type: "sender", ssrc, ntp: ntpOf(view, at + 8), timestamp: view.getUint32(at + 16), middle }];
  }
  if (type === 201) {
    const blocks = Array.from({ length: format }, (_, index) => readBlock(view, at + 8 + index * 24));
    return [{ type: "receiver", blocks }];
  }
  return [{ type: "other" }];
}

/** RFC 4585 §6.2.1, one entry for each number. */
export function nack(ssrc: number, sequences: readonly number[]): Uint8Array {
  return rtcp(1, 205, [1, ssrc, ...sequences.map((sequence) => sequence * 2 ** 16)]);
}

export function keyframeRequest(ssrc: number): Uint8Array {
  return rtcp(1, 206, [1, ssrc]);
}

/** RFC 3550 §6.4.1; `ntp` in seconds. */
export function senderReport(ssrc: number, ntp: number, timestamp: number): Uint8Array {
  const seconds = Math.floor(ntp);
  return rtcp(0, 200, [ssrc, seconds, Math.floor((ntp - seconds) * 2 ** 32), timestamp >>> 0, 1, 1]);
}

export interface Block {
  readonly ssrc: number;
  /** Of 256. */
  readonly fraction: number;
  readonly lost: number;
  readonly highest: number;
  /** The middle of the newest sender report, 0 for none, and the time since then in units of 2^-16 s. */
  readonly report: number;
  readonly delay: number;
}

function readBlock(view: DataView, at: number): Block {
  return {
    ssrc: view.getUint32(at),
    fraction: view.getUint8(at + 4),
    lost: view.getUint32(at + 4) & 0xffffff,
    highest: view.getUint32(at + 8),
    report: view.getUint32(at + 16),
    delay: view.getUint32(at + 20),
  };
}

/** RFC 3550 §6.4.2. */
export function receiverReport(blocks: readonly Block[]): Uint8Array {
  const words = blocks.flatMap(({ ssrc, fraction, lost, highest, report, delay }) => [
    ssrc,
    fraction * 2 ** 24 + (lost & 0xffffff),
    highest >>> 0,
    0,
    report,
    delay,
  ]);
  return rtcp(blocks.length, 201, [1, ...words]);
}
