import type { Json } from "../actor.ts";
import type { Update } from "./shared.ts";

/**
 * A subscriber's copy of a shared state.
 *
 * It follows snapshots and deltas in order. A delta that it has already is ignored; one that skips a version is a gap:
 * the copy stays as it is, and its owner asks for what is `since` its version.
 */
export class Replica {
  #version = -1;
  #time = 0;
  #fields = new Map<string, Json>();

  /** -1 before the first snapshot. */
  get version(): number {
    return this.#version;
  }

  /** Greater than that of any edit seen, for the next edit's stamp. */
  get nextTime(): number {
    return this.#time + 1;
  }

  get fields(): ReadonlyMap<string, Json> {
    return this.#fields;
  }

  apply(update: Update): "applied" | "known" | "gap" {
    if (update.type === "snapshot") {
      if (update.version < this.#version) return "known";
      this.#fields = new Map(Object.entries(update.fields));
    } else {
      if (update.version <= this.#version) return "known";
      if (update.version !== this.#version + 1) return "gap";
      for (const [name, value] of Object.entries(update.set)) this.#fields.set(name, value);
      for (const name of update.gone) this.#fields.delete(name);
    }
    this.#version = update.version;
    this.#time = Math.max(this.#time, update.time);
    return "applied";
  }
}
