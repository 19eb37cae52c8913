/** A setting that is kept in this browser, readable everywhere and told to all who show it. */
import { Store } from "@satsuma/client";
import { useStore } from "@satsuma/react";

export class Kept<T> extends Store<T> {
  readonly #key: string;

  /** `read` takes over what was kept, whatever that is, or gives undefined if it is of no use. */
  constructor(key: string, initial: T, read: (kept: unknown) => T | undefined) {
    super(load(`satsuma.${key}`, read) ?? initial);
    this.#key = `satsuma.${key}`;
  }

  override set(value: T): void {
    super.set(value);
    try {
      localStorage.setItem(this.#key, JSON.stringify(value));
    } catch {
      // A browser that keeps nothing still shows what was chosen until the page goes.
    }
  }
}

export function useKept<T>(kept: Kept<T>): T {
  return useStore(kept, (value) => value);
}

function load<T>(key: string, read: (kept: unknown) => T | undefined): T | undefined {
  try {
    return read(JSON.parse(localStorage.getItem(key) ?? "null"));
  } catch {
    return undefined;
  }
}
