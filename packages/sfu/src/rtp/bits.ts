/** Bits of a header, the highest of each byte first. Past the end they are 0, and `ended` tells. */
export class Bits {
  ended = false;
  readonly #bytes: Uint8Array;
  readonly #end: number;
  #at: number;

  constructor(bytes: Uint8Array, start: number, end: number) {
    this.#bytes = bytes;
    this.#at = start * 8;
    this.#end = end * 8;
  }

  read(count: number): number {
    if (this.#at + count > this.#end) {
      this.ended = true;
      return 0;
    }
    let value = 0;
    for (let index = 0; index < count; index += 1) {
      value = value * 2 + (((this.#bytes[this.#at >> 3] ?? 0) >> (7 - (this.#at & 7))) & 1);
      this.#at += 1;
    }
    return value;
  }

  /** A number below `limit`, as short as it can be: ns(n) of AV1 (specification §4.10.7). */
  readBelow(limit: number): number {
    const width = 32 - Math.clz32(limit);
    const short = 2 ** width - limit;
    const value = this.read(width - 1);
    return value < short ? value : value * 2 - short + this.read(1);
  }

  /** An unsigned number of any size: ue(v) of H.264 (§9.1). */
  readUnsigned(): number {
    let zeros = 0;
    while (zeros < 32 && !this.ended && this.read(1) === 0) zeros += 1;
    return 2 ** zeros - 1 + this.read(zeros);
  }
}
