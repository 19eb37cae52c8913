import type { Alarm } from "./alarm.ts";
import type { Changes } from "./rows.ts";

/** Changes that are made but not stored: those waiting for a batch, or those of an open transaction. */
export class Changeset<S> implements Changes<S> {
  #entries = new Map<string, S | undefined>();
  #wiped = false;
  alarm: Alarm | null | undefined = undefined;

  get entries(): ReadonlyMap<string, S | undefined> {
    return this.#entries;
  }

  /** Whether everything stored before is gone. */
  get wipe(): boolean {
    return this.#wiped;
  }

  get isEmpty(): boolean {
    return this.#entries.size === 0 && this.alarm === undefined && !this.#wiped;
  }

  has(key: string): boolean {
    return this.#entries.has(key);
  }

  get(key: string): S | undefined {
    return this.#entries.get(key);
  }

  set(key: string, stored: S | undefined): void {
    this.#entries.set(key, stored);
  }

  empty(): void {
    this.#entries.clear();
    this.#wiped = true;
    this.alarm = null;
  }

  clear(): void {
    this.#entries.clear();
    this.#wiped = false;
    this.alarm = undefined;
  }

  add(later: Changeset<S>): void {
    if (later.#wiped) this.empty();
    for (const [key, stored] of later.#entries) this.#entries.set(key, stored);
    if (later.alarm !== undefined) this.alarm = later.alarm;
  }
}
