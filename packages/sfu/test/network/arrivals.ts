/** When packets came, told as transport-wide feedback (draft-holmer-rmcat-transport-wide-cc-extensions-01 §3.1). */
import { Unwrapper, viewOf } from "./bytes.ts";

/** ms between two feedbacks, as Chromium has it at middling rates. */
const interval = 100;
/** Packets that one feedback tells of; more wait for the next. */
const most = 200;

export class Arrivals {
  readonly #numbers = new Unwrapper(16);
  readonly #came = new Map<number, number>();
  #base: number | undefined;
  #highest = 0;
  #dueAt: number | undefined;
  #count = 0;

  heard(extension: Uint8Array | undefined, now: number): void {
    if (extension === undefined) return;
    const number = this.#numbers.unwrap(viewOf(extension).getUint16(0));
    this.#base ??= number;
    // What was told of as lost stays so.
    if (number < this.#base) return;
    this.#came.set(number, now);
    this.#highest = Math.max(this.#highest, number);
    this.#dueAt ??= now + interval;
  }

  nextDeadline(): number {
    return this.#dueAt ?? Number.POSITIVE_INFINITY;
  }

  due(ssrc: number, now: number): Uint8Array[] {
    if (this.#dueAt === undefined || this.#dueAt > now || this.#base === undefined) return [];
    const base = this.#base;
    const count = Math.min(most, this.#highest - base + 1);
    this.#base = base + count;
    this.#dueAt = this.#base <= this.#highest ? now + interval : undefined;
    if (count <= 0) return [];
    const times = Array.from({ length: count }, (_, index) => this.#came.get(base + index));
    for (let number = base; number < base + count; number += 1) this.#came.delete(number);
    this.#count = (this.#count + 1) & 0xff;
    return [feedback(ssrc, base & 0xffff, times, this.#count)];
  }
}

function feedback(ssrc: number, base: number, times: readonly (number | undefined)[], count: number): Uint8Array {
  // Quarters of a ms, from a multiple of 64 ms; the first packet of all may have come before one that follows it.
  const first = Math.min(...times.filter((time) => time !== undefined));
  const reference = Math.floor(first / 64);
  let last = reference * 256;
  const symbols: number[] = [];
  const deltas: number[] = [];
  for (const time of times) {
    if (time === undefined) {
      symbols.push(0);
      continue;
    }
    const delta = Math.round(time * 4) - last;
    last += delta;
    const small = delta >= 0 && delta <= 255;
    symbols.push(small ? 1 : 2);
    deltas.push(...(small ? [delta] : [(delta >> 8) & 0xff, delta & 0xff]));
  }
  const chunks: number[] = [];
  for (let at = 0; at < symbols.length; at += 7) {
    const chunk = symbols
      .slice(at, at + 7)
      .reduce((bits, symbol, index) => bits | (symbol << (12 - 2 * index)), 0xc000);
    chunks.push(chunk >> 8, chunk & 0xff);
  }
  const length = Math.ceil((20 + chunks.length + deltas.length) / 4) * 4;
  const bytes = new Uint8Array(length);
  const view = viewOf(bytes);
  bytes.set([0x8f, 205]);
  view.setUint16(2, length / 4 - 1);
  view.setUint32(4, 1);
  view.setUint32(8, ssrc);
  view.setUint16(12, base);
  view.setUint16(14, times.length);
  view.setUint32(16, reference * 256 + count);
  bytes.set(chunks, 20);
  bytes.set(deltas, 20 + chunks.length);
  return bytes;
}
