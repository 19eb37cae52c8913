/**
 * Room tokens: who may join which room, as whom, and what they may do there (docs/decisions/0003-room-tokens.md).
 *
 * A token is shown, never stored: the server keeps only keys. The algorithm is pinned and keys are looked up by name in
 * a list of our own, so a token chooses neither how nor where it is checked. Whether a good token was revoked is for the
 * room to say, which remembers that.
 */
import {
  type Grant,
  grants as grantWords,
  type Result,
  type Role,
  refusal,
  roleGrants,
  type TokenResponse,
} from "@satsuma/protocol";
import type { Claims } from "@satsuma/rooms";
import { decodeProtectedHeader, errors, type JWTPayload, jwtVerify, SignJWT } from "jose";

export interface TokenSettings {
  /** At least 32 bytes. Signs new tokens. */
  readonly key: Uint8Array;
  /** The key's name, which its tokens carry (`kid`). Without one they carry none. */
  readonly keyId?: string;
  /** Earlier keys, whose tokens hold until they expire: keep one for as long as `ttl` after it was replaced. */
  readonly earlier?: readonly { readonly id: string | undefined; readonly key: Uint8Array }[];
  /** Seconds for which a token lets its bearer in. 6 h by default: longer than a working day's meetings, as others have it. */
  readonly ttl?: number;
  /** Seconds after its expiry in which a token still says who its bearer was. 24 h by default. */
  readonly renewableFor?: number;
}

/** What a token is made for, besides room and name. */
export interface TokenGrants {
  /** An earlier token for the same room: its bearer stays the same participant and person, with the same rights. */
  readonly previous?: string | undefined;
  /** The person, if the host knows them. Made up by default. */
  readonly identity?: string | undefined;
  /** Default: that of `previous`, else `speaker`. */
  readonly role?: Role | undefined;
  /** Instead of those of the role. */
  readonly grants?: readonly Grant[] | undefined;
  readonly attributes?: Readonly<Record<string, string>> | undefined;
  /** Seconds, instead of the setting. */
  readonly ttl?: number | undefined;
}

const algorithm = "HS256";
/** RFC 7518 §3.2: a key of the hash's size or larger. */
const keyBytes = 32;

export class RoomTokens {
  readonly #key: Uint8Array;
  readonly #keyId: string | undefined;
  /** By `kid`; undefined for tokens without one. */
  readonly #keys: ReadonlyMap<string | undefined, Uint8Array>;
  readonly #ttl: number;
  readonly #renewableFor: number;
  readonly #now: () => number;

  /** `now` in milliseconds since the epoch. */
  constructor(settings: TokenSettings, now: () => number) {
    const { key, keyId, earlier = [] } = settings;
    const keys = [...earlier, { id: keyId, key }];
    for (const each of keys) {
      if (each.key.byteLength >= keyBytes) continue;
      throw new Error(`A key of room tokens has ${each.key.byteLength} bytes; it needs at least ${keyBytes}.`);
    }
    this.#keys = new Map(keys.map((each) => [each.id, each.key]));
    if (this.#keys.size < keys.length) throw new Error("Two keys of room tokens have the same id.");
    this.#key = key;
    this.#keyId = keyId;
    this.#ttl = settings.ttl ?? 6 * 3600;
    this.#renewableFor = settings.renewableFor ?? 24 * 3600;
    this.#now = now;
  }

  /**
   * A token for a room. Whoever shows an earlier token for the same room stays the same participant and person; one that
   * does not hold any more is as good as none, so that a page with a stale one can still join.
   */
  async issue(room: string, name: string, wanted: TokenGrants | string = {}): Promise<TokenResponse> {
    const { previous, identity, role, grants, attributes, ttl } =
      typeof wanted === "string" ? ({ previous: wanted } as TokenGrants) : wanted;
    const known = previous === undefined ? undefined : await this.identify(previous, room);
    const before = known?.ok ? known.value : undefined;
    const participant = before?.participant ?? crypto.randomUUID();
    const person = identity ?? before?.identity ?? crypto.randomUUID();
    const issued = this.#now();
    const expires = Math.floor(issued / 1000) + (ttl ?? this.#ttl);
    const claims = {
      room,
      participant,
      name,
      role: role ?? before?.role,
      grants: grants ?? before?.grants,
      attributes: attributes ?? before?.attributes,
    };
    const token = await new SignJWT(withoutUndefined(claims))
      .setProtectedHeader({ alg: algorithm, typ: "JWT", ...(this.#keyId !== undefined && { kid: this.#keyId }) })
      .setSubject(person)
      // RFC 7519 §2 allows fractions; the room compares it with the moment of a removal in the same second.
      .setIssuedAt(issued / 1000)
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
      const key = this.#keys.get(decodeProtectedHeader(token).kid);
      if (key === undefined) return invalid;
      const { payload } = await jwtVerify(token, key, {
        algorithms: [algorithm],
        typ: "JWT",
        currentDate: new Date(this.#now()),
        clockTolerance: tolerance,
        requiredClaims: ["sub", "room", "participant", "name", "iat", "exp"],
      });
      const claims = claimsOf(payload);
      return claims?.room === room ? { ok: true, value: claims } : invalid;
    } catch (error) {
      if (error instanceof errors.JWTExpired) return expired;
      if (error instanceof errors.JOSEError || error instanceof TypeError) return invalid;
      throw error;
    }
  }
}

const invalid = { ok: false, refusal: refusal("bad-token", "The token is not valid for this room.") } as const;
const expired = { ok: false, refusal: refusal("bad-token", "The token has expired.") } as const;

/** Undefined if a claim is not what it must be: hosts mint tokens too, and a slip there must not become a right here. */
function claimsOf(payload: JWTPayload): Claims | undefined {
  const { sub, room, participant, name, role, grants, attributes, iat } = payload;
  if (typeof room !== "string" || typeof participant !== "string" || typeof name !== "string" || !sub) return undefined;
  if (![sub, participant].every(isId) || !name.isWellFormed()) return undefined;
  if (role !== undefined && !isRole(role)) return undefined;
  if (grants !== undefined && !isGrants(grants)) return undefined;
  if (attributes !== undefined && !isAttributes(attributes)) return undefined;
  const issuedAt = (iat ?? 0) * 1000;
  return withoutUndefined({ room, participant, identity: sub, name, issuedAt, role, grants, attributes });
}

/** As ids are everywhere on the wire; rooms store records under them. */
function isId(text: string): boolean {
  return text.length > 0 && text.length <= 128 && text.isWellFormed();
}

function isRole(value: unknown): value is Role {
  return typeof value === "string" && Object.hasOwn(roleGrants, value);
}

function isGrants(value: unknown): value is Grant[] {
  return Array.isArray(value) && value.every((grant) => grantWords.includes(grant));
}

function isAttributes(value: unknown): value is Record<string, string> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  return Object.values(value).every((each) => typeof each === "string");
}

function withoutUndefined<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined)) as T;
}
