/** Bytes waiting in line: appended in any portions, taken in frames. One buffer, however small the portions are. */
export class Waiting {
  #bytes = new Uint8Array(16_384);
  #start = 0;
  #end = 0;

  get length(): number {
    return this.#end - this.#start;
  }

  append(bytes: Uint8Array): void {
    const { length } = this;
    if (this.#end + bytes.length > this.#bytes.length) {
      const roomy = length + bytes.length > this.#bytes.length ? 2 * (length + bytes.length) : this.#bytes.length;
      const moved = new Uint8Array(roomy);
      moved.set(this.#bytes.subarray(this.#start, this.#end));
      this.#bytes = moved;
      this.#start = 0;
      this.#end = length;
    }
    this.#bytes.set(bytes, this.#end);
    this.#end += bytes.length;
  }

  /** The next `count` bytes, filled up with zeros when there are fewer. */
  take(count: number): Uint8Array {
    const taken = new Uint8Array(count);
    const end = Math.min(this.#end, this.#start + count);
    taken.set(this.#bytes.subarray(this.#start, end));
    this.#start = end;
    return taken;
  }
}
