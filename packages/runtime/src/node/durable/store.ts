import { mkdirSync } from "node:fs";
import { join } from "node:path";
import {
  type Actor,
  type ActorClass,
  type Clock,
  Host,
  type LocalNamespace,
  type Patience,
  type Problem,
} from "@satsuma/durable";
import { RefusedError } from "@satsuma/protocol";
import { backupStore, checkRestored } from "./backup.ts";
import { systemClock } from "./clock.ts";
import { Folder } from "./folder.ts";
import { lockStore } from "./lock.ts";
import { entryOf, verified, writeManifest } from "./manifest.ts";

export interface StoreOptions {
  /** Made if it does not exist. */
  readonly directory: string;
  readonly patience?: Partial<Patience>;
  /** Milliseconds for which any moment of an actor can be restored; default 30 days. 0 keeps no history. */
  readonly retentionMs?: number;
  /** Files per namespace, fixed when the store is made; default 2 (docs/decisions/0005-embedded-store.md). */
  readonly shards?: number;
  readonly clock?: Clock;
  /**
   * When what was stored may go on by itself: alarms ring from then on; at once without it. A server that names the moment
   * at which it can be reached lets nobody's time run out before they could have come. It does not reject.
   */
  readonly ready?: Promise<unknown>;
  readonly report?: (problem: Problem) => void;
}

/** An actor's rows in a backup of it alone. */
const actorFile = "actor.db";

export const storeDefaults = { retentionMs: 30 * 24 * 60 * 60 * 1_000, shards: 2 } as const;

/**
 * Actors embedded in this process, with their data in one directory that belongs to this process alone.
 *
 * It routes only: a namespace's files are a `Folder`, its actors a `Host`.
 */
export class Store {
  readonly #options: StoreOptions;
  readonly #unlock: () => void;
  readonly #namespaces = new Map<string, { readonly folder: Folder; readonly host: Host<never, never> }>();
  #isClosed = false;

  private constructor(options: StoreOptions, unlock: () => void) {
    this.#options = options;
    this.#unlock = unlock;
  }

  static open(options: StoreOptions): Store {
    mkdirSync(options.directory, { recursive: true });
    checkRestored(options.directory);
    return new Store(options, lockStore(options.directory));
  }

  /** Throws when the name was taken before, or is not of lower-case letters, digits and dashes. */
  namespace<Env, A extends Actor>(name: string, type: ActorClass<Env, A>, env: Env): LocalNamespace<A> {
    if (this.#isClosed) throw new RefusedError("closed", "The store is closed.");
    if (this.#namespaces.has(name)) throw new RefusedError("bad-argument", `The namespace ${name} is open already.`);
    const { directory, clock = systemClock, patience = {}, ready, report = () => undefined } = this.#options;
    const folder = new Folder({
      ...storeDefaults,
      ...this.#options,
      clock,
      path: join(directory, name),
      sql: type.sql,
      failed: (error) => report({ actor: "", during: "store", error }),
    });
    const host = new Host(type, env, folder.shelf, { clock, patience, ready, report });
    this.#namespaces.set(name, { folder, host: host as unknown as Host<never, never> });
    return host;
  }

  /** Puts one actor back to how it was at a moment of the retained window. Its sockets stay, its instance does not. */
  async rewind(namespace: string, name: string, to: number | Date): Promise<void> {
    const { folder, host } = this.#open(namespace);
    await host.get(name).hold(() => folder.rewind(name, Number(to)));
  }

  /** Copies the whole store, while it is in use, into an empty folder, with checksums. Undone by `restoreStore`. */
  async backup(to: string): Promise<void> {
    const { directory, clock = systemClock } = this.#options;
    await backupStore(directory, to, clock.now());
  }

  /** The same for one actor, which begins anew afterwards. Undone by `restoreActor`. */
  async backupActor(namespace: string, name: string, to: string): Promise<void> {
    const { clock = systemClock } = this.#options;
    const { folder, host } = this.#open(namespace);
    mkdirSync(to, { recursive: true });
    const alarm = await host.get(name).hold(() => folder.save(name, join(to, actorFile)));
    const files = [await entryOf(to, actorFile)];
    await writeManifest(to, { format: 1, of: "actor", madeAt: clock.now(), files, alarm });
  }

  /** Gives an actor the data of a backup, of this store or another; what it had is gone but for its past. */
  async restoreActor(namespace: string, name: string, from: string): Promise<void> {
    const { folder, host } = this.#open(namespace);
    const { alarm = null } = await verified(from, "actor");
    await host.get(name).hold(() => folder.load(name, join(from, actorFile), alarm));
  }

  /** Ends every actor and closes the files. What was acknowledged is there at the next opening. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    const open = [...this.#namespaces.values()];
    await Promise.all(open.map(({ host }) => host.close()));
    await Promise.all(open.map(({ folder }) => folder.close()));
    this.#unlock();
  }

  #open(namespace: string): { readonly folder: Folder; readonly host: Host<never, never> } {
    const open = this.#namespaces.get(namespace);
    if (open === undefined) throw new RefusedError("not-found", `The namespace ${namespace} is not open.`);
    return open;
  }
}
