/**
 * Who relays media for peers behind strict networks, and how its credentials are made. The relay itself is another
 * program or service; this is the port to it.
 */
import type { IceServer } from "@satsuma/protocol";

export interface CredentialsWish {
  /** The TURN key under which they are made. */
  readonly key: string;
  /** Seconds. */
  readonly ttl: number;
  /** The caller's own name for them. */
  readonly identifier: string | undefined;
}

export interface Relay {
  /** STUN servers first, without credentials; then TURN servers with theirs. */
  issue(wish: CredentialsWish): Promise<readonly IceServer[]>;
  /** Ends credentials that `key` issued. Throws `not_found` for others, and `not_supported` where the relay cannot. */
  revoke(key: string, username: string): Promise<void>;
  /** Ends all credentials of a key that is no more, as far as the relay can. */
  forget(key: string): Promise<void>;
}

/** Time of expiry, key, chance, the caller's name: coturn reads the first, its log shows the rest, and all are unique. */
export function usernameOf({ key, ttl, identifier }: CredentialsWish, now: number, nonce: string): string {
  const expiry = Math.floor(now / 1_000) + ttl;
  return `${expiry}:${key}.${nonce.slice(0, 12)}${identifier === undefined ? "" : `.${identifier}`}`;
}

/** Whether `key` can have issued it. */
export function issuedBy(key: string, username: string): boolean {
  return username.split(":")[1]?.split(".")[0] === key;
}

/** What clients get of a relay at these URLs. */
export function iceServersOf(urls: readonly string[], username: string, credential: string): IceServer[] {
  const stun = urls.filter((url) => /^stuns?:/.test(url));
  const turn = urls.filter((url) => /^turns?:/.test(url));
  return [...(stun.length > 0 ? [{ urls: stun }] : []), { urls: turn, username, credential }];
}
