import type { RefusedError } from "@satsuma/protocol";
import type { Actor, ActorClass } from "./actor.ts";
import type { Alarm } from "./alarm.ts";
import { copy } from "./copy.ts";
import { Batch } from "./gate.ts";
import { HandClock } from "./hand-clock.ts";
import { Host, type HostPorts, type LocalNamespace, type Shelf } from "./host.ts";
import { compareKeys } from "./key.ts";
import { measure } from "./measure.ts";
import { inRange, type Range } from "./range.ts";
import type { Rows, Source } from "./rows.ts";

/**
 * Actors in memory, with a clock turned by hand: for tests of actors, and the plainest reading of the contract.
 *
 * Nothing outlives it but by `restart`, which ends every instance and keeps the rows, as a new process over the same
 * store would. It has no SQL.
 */
export interface Memory {
  namespace<Env, A extends Actor>(name: string, type: ActorClass<Env, A>, env: Env): LocalNamespace<A>;
  readonly clock: HandClock;
  /** Batches become durable only at the next `settle`: what depends on them is held back. */
  hold(): void;
  /** Lets held batches become durable, or fail with the error, and holds no longer. */
  settle(error?: RefusedError): void;
  restart(): Promise<void>;
}

export interface MemoryOptions extends Pick<HostPorts, "patience" | "report" | "ready"> {
  /** Milliseconds since the epoch to begin at; default 1. */
  readonly now?: number;
}

type Stored = { readonly value: unknown; readonly bytes: number };

interface Drawer {
  readonly entries: Map<string, Stored>;
  alarm: Alarm | undefined;
}

export function createMemory(options: MemoryOptions = {}): Memory {
  const clock = new HandClock(options.now ?? 1);
  const shelves = new Map<string, MemoryShelf>();
  let hosts: Host<never, never>[] = [];
  return {
    clock,
    namespace(name, type, env) {
      const shelf = shelves.get(name) ?? new MemoryShelf();
      shelves.set(name, shelf);
      const host = new Host(type, env, shelf, { ...options, clock });
      hosts.push(host as unknown as Host<never, never>);
      return host;
    },
    hold() {
      for (const shelf of shelves.values()) shelf.isHeld = true;
    },
    settle(error) {
      for (const shelf of shelves.values()) shelf.settle(error);
    },
    async restart() {
      await Promise.all(hosts.map((host) => host.close()));
      hosts = [];
    },
  };
}

class MemoryShelf implements Shelf {
  readonly #drawers = new Map<string, Drawer>();
  #staged: { readonly source: Source<Stored>; readonly drawer: Drawer }[] = [];
  #batch: Batch | undefined;
  #changed: () => void = () => undefined;
  isHeld = false;

  open(name: string): Rows<Stored> {
    const drawer = this.#drawers.get(name) ?? { entries: new Map(), alarm: undefined };
    return {
      encode: stored,
      decode: (entry) => copy(entry.value),
      size: (entry) => entry.bytes,
      read: (key) => drawer.entries.get(key),
      scan: (range) => scan(drawer, range),
      alarm: () => drawer.alarm,
      stage: (source) => {
        this.#drawers.set(name, drawer);
        return this.#stage(source, drawer);
      },
      release: () => undefined,
    };
  }

  nextAlarm(now: number): number | undefined {
    const later = this.#alarms().filter(({ due }) => due > now);
    return later.length === 0 ? undefined : Math.min(...later.map(({ due }) => due));
  }

  dueAlarms(now: number, limit: number): string[] {
    const due = this.#alarms().filter((alarm) => alarm.due <= now);
    due.sort((a, b) => a.due - b.due);
    return due.slice(0, limit).map(({ name }) => name);
  }

  onAlarms(changed: () => void): void {
    this.#changed = changed;
  }

  settle(error?: RefusedError): void {
    this.isHeld = false;
    const batch = this.#batch;
    const staged = this.#staged;
    this.#batch = undefined;
    this.#staged = [];
    for (const { source, drawer } of staged) {
      const changes = source.take();
      if (error !== undefined) continue;
      if (changes.wipe) drawer.entries.clear();
      for (const [key, entry] of changes.entries) {
        if (entry === undefined) drawer.entries.delete(key);
        else drawer.entries.set(key, entry);
      }
      if (changes.alarm !== undefined) drawer.alarm = changes.alarm ?? undefined;
    }
    if (error !== undefined) batch?.failed(error);
    else batch?.durable();
    this.#changed();
  }

  #stage(source: Source<Stored>, drawer: Drawer): Batch {
    this.#staged.push({ source, drawer });
    if (this.#batch === undefined) {
      this.#batch = new Batch();
      queueMicrotask(() => {
        if (!this.isHeld) this.settle();
      });
    }
    return this.#batch;
  }

  #alarms(): { name: string; due: number }[] {
    const found: { name: string; due: number }[] = [];
    for (const [name, { alarm }] of this.#drawers) if (alarm !== undefined) found.push({ name, due: alarm.due });
    return found;
  }
}

function stored(value: unknown): Stored {
  const cloned = copy(value);
  return { value: cloned, bytes: measure(cloned) };
}

function scan(drawer: Drawer, range: Range): [string, Stored][] {
  const found = [...drawer.entries].filter(([key]) => inRange(key, range));
  return found.sort(([a], [b]) => (range.reverse ? compareKeys(b, a) : compareKeys(a, b)));
}
