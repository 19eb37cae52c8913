/**
 * Room tokens: who may join which room, and as whom (docs/decisions/0003-room-tokens.md).
 *
 * A token is shown, never stored: the server keeps only the key. The algorithm is pinned, so a token cannot choose how it
 * is checked.
 */
import { type Result, refusal, type TokenResponse } from "@satsuma/protocol";
import type { Claims } from "@satsuma/rooms";
import { errors, jwtVerify, SignJWT } from "jose";

export interface TokenSettings {
  /** At least 32 bytes. */
  readonly key: Uint8Array;
  /** Seconds for which a token lets its bearer in. 6 h by default: longer than a working day's meetings, as others have it. */
  readonly ttl?: number;
  /** Seconds after its expiry in which a token still says who its bearer was. 24 h by default. */
  readonly renewableFor?: number;
}

const algorithm = "HS256";
/** RFC 7518 §3.2: a key of the hash's size or larger. */
const keyBytes = 32;

export class RoomTokens {
  readonly #key: Uint8Array;
  readonly #ttl: number;
  readonly #renewableFor: number;
  readonly #now: () => number;

  /** `now` in milliseconds since the epoch. */
  constructor(settings: TokenSettings, now: () => number) {
    if (settings.key.byteLength < keyBytes) {
      throw new Error(`The key of room tokens has ${settings.key.byteLength} bytes; it needs at least ${keyBytes}.`);
    }
    this.#key = settings.key;
    this.#ttl = settings.ttl ?? 6 * 3600;
    this.#renewableFor = settings.renewableFor ?? 24 * 3600;
    this.#now = now;
  }

  /**
   * A token for a room. Whoever shows an earlier token for the same room stays the same participant and person; one that
   * does not hold any more is as good as none, so that a page with a stale one can still join.
   */
  async issue(room: string, name: string, previous?: string): Promise<TokenResponse> {
    const known = previous === undefined ? undefined : await this.identify(previous, room);
    const { participant, identity } = known?.ok
      ? known.value
      : { participant: crypto.randomUUID(), identity: crypto.randomUUID() };
    const issued = Math.floor(this.#now() / 1000);
    const expires = issued + this.#ttl;
    const token = await new SignJWT({ room, participant, name })
      .setProtectedHeader({ alg: algorithm, typ: "JWT" })
      .setSubject(identity)
      .setIssuedAt(issued)
      .setExpirationTime(expires)
      .sign(this.#key);
    return { token, participant, expires: expires * 1000 };
  }

  /** Refuses with `bad-token`, and says no more than whether the token is too old. */
  verify(token: string, room: string): Promise<Result<Claims>> {
    return this.#read(token, room, 0);
  }

  /**
   * Like `verify`, but a token is good for `renewableFor` longer: it no longer lets its bearer in, and still says who they
   * are. Somebody who is in a room when their token expires goes on with it.
   */
  identify(token: string, room: string): Promise<Result<Claims>> {
    return this.#read(token, room, this.#renewableFor);
  }

  async #read(token: string, room: string, tolerance: number): Promise<Result<Claims>> {
    try {
      const { payload } = await jwtVerify(token, this.#key, {
        algorithms: [algorithm],
        typ: "JWT",
        currentDate: new Date(this.#now()),
        clockTolerance: tolerance,
        requiredClaims: ["sub", "room", "participant", "name", "iat", "exp"],
      });
      const { sub, participant, name } = payload;
      if (payload.room !== room || typeof participant !== "string" || typeof name !== "string" || !sub) return invalid;
      return { ok: true, value: { room, participant, identity: sub, name } };
    } catch (error) {
      if (error instanceof errors.JWTExpired) return expired;
      if (error instanceof errors.JOSEError || error instanceof TypeError) return invalid;
      throw error;
    }
  }
}

const invalid = { ok: false, refusal: refusal("bad-token", "The token is not valid for this room.") } as const;
const expired = { ok: false, refusal: refusal("bad-token", "The token has expired.") } as const;
