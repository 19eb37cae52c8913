/**
 * coturn with `use-auth-secret`: a credential is a MAC over its user name, so the relay needs no list and no connection
 * to us. The price is that none can be revoked before it expires (docs/decisions/0007-turn.md).
 */
import { RefusedError } from "@satsuma/protocol";
import { iceServersOf, type Relay, usernameOf } from "./relay.ts";

export interface SharedSecretOptions {
  /** `stun:` and `turn:` URLs of the relay. */
  readonly urls: readonly string[];
  /** coturn's `static-auth-secret`. */
  readonly secret: string;
}

export interface RelayPlatform {
  /** ms since the epoch. */
  now(): number;
  /** 32 hexadecimal digits, unguessable. */
  newId(): string;
  /** HMAC-SHA-1 as base64, which is what coturn computes. */
  mac(secret: string, text: string): string;
}

export function sharedSecretRelay({ urls, secret }: SharedSecretOptions, platform: RelayPlatform): Relay {
  return {
    async issue(wish) {
      const username = usernameOf(wish, platform.now(), platform.newId());
      return iceServersOf(urls, username, platform.mac(secret, username));
    },
    async revoke() {
      throw new RefusedError(
        "not_supported",
        "This relay shares a secret with its server, so credentials hold until they expire. Use short ones.",
      );
    },
    async forget() {
      // Nothing is kept of them here or there.
    },
  };
}
