import type { Stored } from "./codec.ts";

/** Values remembered for one actor, in number and in length; those written longest ago go first. */
const most = 32;
const mostLength = 65_536;

/**
 * An awake actor's place in a shared file, with its rows as last read or written.
 *
 * What is remembered is what the file holds, never what is still to be written. Only a row's actor writes it, so nothing
 * else can change it meanwhile.
 */
export class Seat {
  readonly name: string;
  /** Given with the first write. */
  id: number | undefined;
  readonly #rows = new Map<string, Stored | null>();
  #length = 0;

  constructor(name: string, id: number | undefined) {
    this.name = name;
    this.id = id;
  }

  /** Null says that there is no such row; undefined, that it must be looked up. */
  get(key: string): Stored | null | undefined {
    return this.#rows.get(key);
  }

  set(key: string, stored: Stored | undefined): void {
    this.#remove(key);
    this.#rows.set(key, stored ?? null);
    this.#length += lengthOf(key, stored);
    for (const oldest of this.#rows.keys()) {
      if (this.#rows.size <= most && this.#length <= mostLength) break;
      this.#remove(oldest);
    }
  }

  forget(): void {
    this.#rows.clear();
    this.#length = 0;
  }

  #remove(key: string): void {
    const known = this.#rows.get(key);
    if (known === undefined) return;
    this.#rows.delete(key);
    this.#length -= lengthOf(key, known);
  }
}

function lengthOf(key: string, stored: Stored | null | undefined): number {
  return key.length + (stored?.length ?? 0);
}
