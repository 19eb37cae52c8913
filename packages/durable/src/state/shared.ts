import { RefusedError } from "@satsuma/protocol";
import type { Json } from "../actor.ts";
import { copy } from "../copy.ts";
import { checkKey, utf8Bytes } from "../key.ts";
import { limits } from "../limits.ts";
import { measure } from "../measure.ts";
import type { Storage } from "../storage.ts";
import { type Field, type Fields, winning } from "./merge.ts";

/** Deltas kept to answer a resync with less than a snapshot. */
const deltasKept = 256;

/** Which state this is: lineage and version together stand for one content, whatever was rewound or lost meanwhile. */
export interface Head {
  readonly version: number;
  /** Of the instance that made this version; empty before the first change. */
  readonly lineage: string;
  /** The greatest logical time in the state; an author's next edit is later. */
  readonly time: number;
}

/** The whole state at one version; what a subscriber gets first, or after too long a gap. */
export interface Snapshot extends Head {
  readonly type: "snapshot";
  readonly fields: Readonly<Record<string, Json>>;
}

/** One change: valid only on the version before it, of the lineage it names. */
export interface Delta extends Head {
  readonly type: "delta";
  readonly after: string;
  readonly set: Readonly<Record<string, Json>>;
  readonly gone: readonly string[];
}

export type Update = Snapshot | Delta;

export type Changed =
  | { readonly ok: true; readonly delta: Delta | undefined } // undefined: nothing was different
  | { readonly ok: false; readonly version: number }; // the condition failed; this is the current version

/**
 * A state of named fields that an actor shares with subscribers, kept in its storage.
 *
 * Its version grows by one with every change. Announce each delta to all subscribers in order; who misses one asks for
 * `since` its version (replica.ts). Changes go through `change` when the actor is the author and through `merge` when
 * others edited on their own.
 *
 * A version alone may come twice with other content, when what is stored went back: by a rewind, a restore or a reset.
 * So each instance writes under a random lineage of its own, and a delta says which lineage it goes on from. Who
 * followed a past that is no more fits nowhere and gets a snapshot; who did not goes on without one.
 */
export class SharedState {
  readonly #storage: Storage;
  readonly #prefix: string;
  readonly #fields: Map<string, Field>;
  readonly #lineage: string;
  #head: Head;
  #deltas: Delta[] = [];

  private constructor(storage: Storage, lineage: string, prefix: string, head: Head, fields: Map<string, Field>) {
    this.#storage = storage;
    this.#lineage = lineage;
    this.#prefix = prefix;
    this.#head = head;
    this.#fields = fields;
  }

  /**
   * Reads the state kept under this prefix of keys, or an empty one at version 0. `lineage` is what this instance writes
   * under: a new random text at every load, such as `crypto.randomUUID()`.
   */
  static async load(storage: Storage, lineage: string, prefix = "state:"): Promise<SharedState> {
    if (lineage === "") throw new RefusedError("bad-argument", "A lineage is a text of its own for every load.");
    const head = await storage.get<Partial<Head>>(`${prefix}head`);
    const at = `${prefix}field:`;
    const stored = await storage.list<Field>({ prefix: at });
    const fields = new Map([...stored].map(([key, field]) => [key.slice(at.length), field]));
    return new SharedState(storage, lineage, prefix, { version: 0, lineage: "", time: 0, ...head }, fields);
  }

  get head(): Head {
    return this.#head;
  }

  get version(): number {
    return this.#head.version;
  }

  get(name: string): Json | undefined {
    return copy(this.#fields.get(name)?.value);
  }

  snapshot(): Snapshot {
    const present = [...this.#fields].filter(([, { value }]) => value !== undefined);
    const fields = Object.fromEntries(present.map(([name, { value }]) => [name, copy(value) as Json]));
    return { type: "snapshot", ...this.#head, fields };
  }

  /** Sets fields as `by`, and deletes those set to undefined; with `ifVersion` only when that is the current one. */
  change(
    set: Readonly<Record<string, Json | undefined>>,
    { ifVersion, by = "" }: { readonly ifVersion?: number; readonly by?: string } = {},
  ): Changed {
    if (ifVersion !== undefined && ifVersion !== this.version) return { ok: false, version: this.version };
    const stamp = { time: this.#head.time + 1, by };
    const edits = Object.entries(set).map(([name, value]): [string, Field] => {
      return [name, value === undefined ? { stamp } : { value: copy(value), stamp }];
    });
    return { ok: true, delta: this.merge(new Map(edits)) };
  }

  /** Takes edits made elsewhere by the rule of merge.ts; undefined when none of them wins. */
  merge(edits: Fields): Delta | undefined {
    const won = winning(this.#fields, edits);
    if (won.size === 0) return undefined;
    for (const [name, field] of won) checkField(`${this.#prefix}field:${name}`, field);
    const time = Math.max(this.#head.time, ...Array.from(won.values(), ({ stamp }) => stamp.time));
    const after = this.#head.lineage;
    this.#head = { version: this.version + 1, lineage: this.#lineage, time };
    const entries: Record<string, unknown> = { [`${this.#prefix}head`]: this.#head };
    for (const [name, field] of won) {
      this.#fields.set(name, field);
      entries[`${this.#prefix}field:${name}`] = field;
    }
    void this.#storage.put(entries);
    const delta = deltaOf(this.#head, after, won);
    this.#deltas = [...this.#deltas.slice(1 - deltasKept), delta];
    return delta;
  }

  /** What brings a subscriber from its version to the current one: nothing, the deltas between, or a snapshot. */
  since(version: number, lineage: string): Update[] {
    if (lineage === this.#head.lineage) {
      if (version === this.version) return [];
      // Another instance was ahead under this lineage; under a new one the subscriber takes the older version, too.
      if (version > this.version && lineage !== this.#lineage) this.#head = { ...this.#head, lineage: this.#lineage };
    }
    const missed = this.#deltas.filter((delta) => delta.version > version);
    const [first] = missed;
    return first?.version === version + 1 && first.after === lineage ? missed : [this.snapshot()];
  }
}

/** Storage refuses what this lets pass only when it is broken; otherwise a state would be announced and not stored. */
function checkField(key: string, field: Field): void {
  checkKey(key);
  const { time } = field.stamp;
  if (!Number.isSafeInteger(time + 1) || time < 0) {
    throw new RefusedError("bad-argument", "The time of an edit is a whole number from 0 on.");
  }
  const bytes = Math.max(utf8Bytes(JSON.stringify(field)), measure(field)) + utf8Bytes(key);
  if (bytes > limits.entryBytes) {
    throw new RefusedError("too-large", `A field and its name may have ${limits.entryBytes} bytes together.`);
  }
}

function deltaOf(head: Head, after: string, won: Fields): Delta {
  const set: [string, Json][] = [];
  const gone: string[] = [];
  for (const [name, { value }] of won) {
    if (value === undefined) gone.push(name);
    else set.push([name, copy(value)]);
  }
  // Not by assignment, which a field named __proto__ would not survive.
  return { type: "delta", ...head, after, set: Object.fromEntries(set), gone };
}
