import { RefusedError } from "@satsuma/protocol";
import type { ListOptions, Sql, Storage, Transaction } from "./storage.ts";

/** A transaction as its function sees it: the actor's storage until it is rolled back or over. */
export class TransactionView implements Transaction {
  readonly #storage: Storage;
  readonly #undo: () => void;
  #state: "open" | "rolled back" | "over" = "open";

  constructor(storage: Storage, undo: () => void) {
    this.#storage = storage;
    this.#undo = undo;
  }

  get<T>(key: string): Promise<T | undefined>;
  get<T>(keys: readonly string[]): Promise<Map<string, T>>;
  get(key: string | readonly string[]): Promise<unknown> {
    return this.#use((storage) => storage.get(key as string));
  }

  put(key: string, value: unknown): Promise<void>;
  put(entries: Readonly<Record<string, unknown>>): Promise<void>;
  put(given: string | Readonly<Record<string, unknown>>, value?: unknown): Promise<void> {
    return this.#use((storage) => storage.put(given as string, value));
  }

  delete(key: string): Promise<boolean>;
  delete(keys: readonly string[]): Promise<number>;
  delete(key: string | readonly string[]): Promise<never> {
    return this.#use((storage) => storage.delete(key as string) as Promise<never>);
  }

  list<T>(options?: ListOptions): Promise<Map<string, T>> {
    return this.#use((storage) => storage.list<T>(options));
  }

  getAlarm(): Promise<number | null> {
    return this.#use((storage) => storage.getAlarm());
  }

  setAlarm(at: number | Date): Promise<void> {
    return this.#use((storage) => storage.setAlarm(at));
  }

  deleteAlarm(): Promise<void> {
    return this.#use((storage) => storage.deleteAlarm());
  }

  get sql(): Sql {
    this.#check();
    return this.#storage.sql;
  }

  rollback(): void {
    this.#check();
    this.#undo();
    this.#state = "rolled back";
  }

  end(): void {
    this.#state = "over";
  }

  async #use<T>(work: (storage: Storage) => Promise<T>): Promise<T> {
    this.#check();
    return work(this.#storage);
  }

  #check(): void {
    if (this.#state === "open") return;
    throw new RefusedError("closed", `The transaction is ${this.#state}.`);
  }
}
