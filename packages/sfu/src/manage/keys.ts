/**
 * Apps and TURN keys: who may use this server, and with which secret.
 *
 * A secret is 256 random bits, shown once and kept as its SHA-256: with that much chance in it there is nothing to guess,
 * so a slow hash would only slow down our own calls (docs/decisions/0006-management.md).
 */
import { RefusedError } from "@satsuma/protocol";
import { sameSecret } from "../api/secret.ts";

export type KeyKind = "app" | "turn";

export interface Key {
  /** 32 hexadecimal digits. */
  readonly uid: string;
  readonly name: string;
  /** ISO 8601, as `modified`. */
  readonly created: string;
  readonly modified: string;
  /** Digest of the secret. */
  readonly digest: string;
  /** The secret before the last rotation, good for a while longer. */
  readonly previous?: { readonly digest: string; readonly until: number };
}

/** Where keys are kept. Synchronous, as SQLite is on Node and in Durable Objects; what it returned from is durable. */
export interface KeyStore {
  /** Oldest first. */
  list(kind: KeyKind): readonly Key[];
  get(kind: KeyKind, uid: string): Key | undefined;
  put(kind: KeyKind, key: Key): void;
  remove(kind: KeyKind, uid: string): void;
}

export interface KeyPlatform {
  /** ms since the epoch. */
  now(): number;
  /** A time of `now` as ISO 8601 in UTC. */
  iso(time: number): string;
  /** 32 hexadecimal digits, unguessable. */
  newId(): string;
  /** 256 random bits as text. */
  newSecret(): string;
  /** SHA-256. */
  digest(text: string): string;
}

/** Keys of one kind; Cloudflare allows as many TURN keys to an account. */
const mostKeys = 1_000;

export class Keys {
  readonly #store: KeyStore;
  readonly #platform: KeyPlatform;

  constructor(store: KeyStore, platform: KeyPlatform) {
    this.#store = store;
    this.#platform = platform;
  }

  list(kind: KeyKind): readonly Key[] {
    return this.#store.list(kind);
  }

  get(kind: KeyKind, uid: string): Key | undefined {
    return this.#store.get(kind, uid);
  }

  /** The only time that the secret is told. Throws `limit-reached` when there are too many. */
  create(kind: KeyKind, name: string): { key: Key; secret: string } {
    if (this.#store.list(kind).length >= mostKeys) {
      throw new RefusedError("limit-reached", `There can be ${mostKeys} of these at the most.`);
    }
    const secret = this.#platform.newSecret();
    const now = this.#platform.iso(this.#platform.now());
    const digest = this.#platform.digest(secret);
    const key = { uid: this.#platform.newId(), name, created: now, modified: now, digest };
    this.#store.put(kind, key);
    return { key, secret };
  }

  rename(kind: KeyKind, uid: string, name: string): Key | undefined {
    const key = this.#store.get(kind, uid);
    if (key === undefined) return undefined;
    const renamed = { ...key, name, modified: this.#platform.iso(this.#platform.now()) };
    this.#store.put(kind, renamed);
    return renamed;
  }

  /** A new secret; the one before stays good for `overlap` seconds, so that its users can change over. */
  rotate(kind: KeyKind, uid: string, overlap: number): { key: Key; secret: string } | undefined {
    const before = this.#store.get(kind, uid);
    if (before === undefined) return undefined;
    const secret = this.#platform.newSecret();
    const now = this.#platform.now();
    const key: Key = {
      uid,
      name: before.name,
      created: before.created,
      modified: this.#platform.iso(now),
      digest: this.#platform.digest(secret),
      ...(overlap > 0 && { previous: { digest: before.digest, until: now + overlap * 1_000 } }),
    };
    this.#store.put(kind, key);
    return { key, secret };
  }

  /** False when there was none. */
  remove(kind: KeyKind, uid: string): boolean {
    if (this.#store.get(kind, uid) === undefined) return false;
    this.#store.remove(kind, uid);
    return true;
  }

  /** Whether `secret` opens the key of that id. */
  admits(kind: KeyKind, uid: string, secret: string): boolean {
    const key = this.#store.get(kind, uid);
    if (key === undefined) return false;
    const digest = this.#platform.digest(secret);
    if (sameSecret(digest, key.digest)) return true;
    const { previous } = key;
    return previous !== undefined && this.#platform.now() < previous.until && sameSecret(digest, previous.digest);
  }
}
