import type { Json } from "../actor.ts";
import type { Update } from "./shared.ts";

/**
 * A subscriber's copy of a shared state.
 *
 * It follows snapshots and deltas in order. A delta that it has already is ignored; one that does not go on from its
 * version and lineage is a gap: the copy stays as it is, and its owner asks for what is `since` them. A snapshot of
 * another lineage takes the place of everything, also with a lower version: what it had went back or was lost.
 */
export class Replica {
  #version = -1;
  #lineage = "";
  #time = 0;
  #fields = new Map<string, Json>();

  /** -1 before the first snapshot. */
  get version(): number {
    return this.#version;
  }

  get lineage(): string {
    return this.#lineage;
  }

  /** Greater than that of any edit seen, for the next edit's stamp. */
  get nextTime(): number {
    return this.#time + 1;
  }

  get fields(): ReadonlyMap<string, Json> {
    return this.#fields;
  }

  apply(update: Update): "applied" | "known" | "gap" {
    const isOfMine = update.lineage === this.#lineage;
    if (update.type === "snapshot") {
      if (isOfMine && update.version < this.#version) return "known";
      this.#fields = new Map(Object.entries(update.fields));
    } else {
      if (isOfMine && update.version <= this.#version) return "known";
      if (update.version !== this.#version + 1 || update.after !== this.#lineage) return "gap";
      for (const [name, value] of Object.entries(update.set)) this.#fields.set(name, value);
      for (const name of update.gone) this.#fields.delete(name);
    }
    this.#lineage = update.lineage;
    this.#version = update.version;
    // Not less than before in another lineage either, since an author uses a time once.
    this.#time = Math.max(this.#time, update.time);
    return "applied";
  }
}
