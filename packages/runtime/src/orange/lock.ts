/**
 * The lock between a media session and who began it: a cookie that partytracks' own proxy sets, by the same name.
 *
 *     partytracks-session-SESSION = JWT, HS256, {"sessionId":"…","iat":…,"person":"…"}
 *
 * `person` is ours, so that a lock does not open anything for somebody else. Its path is all of the host's, not only the
 * proxy's, because the socket's door learns from it which sessions are the visitor's own. partytracks never removes one;
 * here the oldest go when there are many.
 */
import { jwtVerify, SignJWT } from "jose";
import type { Visitor } from "./visitor.ts";

export interface Lock {
  readonly session: string;
  /** Seconds since the epoch. */
  readonly at: number;
}

const prefix = "partytracks-session-";
/** Cookies of one browser; each is some 250 bytes of every request. */
const most = 8;

export class Locks {
  readonly #key: Uint8Array;
  readonly #attributes: string;
  readonly #now: () => number;

  /** `secret` has 32 bytes or more. `secure` keeps the cookies to TLS and to localhost. `now` in milliseconds. */
  constructor(secret: Uint8Array, secure: boolean, now: () => number) {
    this.#key = secret;
    this.#attributes = `HttpOnly; ${secure ? "Secure; " : ""}SameSite=Strict; Path=/`;
    this.#now = now;
  }

  /** The sessions that these cookies prove to be the visitor's, oldest first. */
  async read(cookies: Readonly<Record<string, string>>, { person }: Visitor): Promise<Lock[]> {
    const named = Object.entries(cookies).filter(([name]) => name.startsWith(prefix));
    const locks = await Promise.all(
      named.slice(0, 4 * most).map(([name, token]) => this.#open(name.slice(prefix.length), token, person)),
    );
    return locks.filter((lock) => lock !== undefined).sort((a, b) => a.at - b.at);
  }

  /** Headers that give the visitor this session, and take away the oldest of those that it has. */
  async give(session: string, { person }: Visitor, held: readonly Lock[]): Promise<string[]> {
    const at = Math.floor(this.#now() / 1000);
    const token = await new SignJWT({ sessionId: session, person })
      .setProtectedHeader({ alg: "HS256", typ: "JWT" })
      .setIssuedAt(at)
      .sign(this.#key);
    const old = held.slice(0, Math.max(0, held.length - most + 1));
    return [
      `${prefix}${session}=${token}; ${this.#attributes}`,
      ...old.map((lock) => `${prefix}${lock.session}=; ${this.#attributes}; Max-Age=0`),
    ];
  }

  async #open(session: string, token: string, person: string): Promise<Lock | undefined> {
    try {
      const { payload } = await jwtVerify(token, this.#key, {
        algorithms: ["HS256"],
        requiredClaims: ["iat", "sessionId", "person"],
        currentDate: new Date(this.#now()),
      });
      const isTheirs = payload.sessionId === session && payload.person === person;
      return isTheirs ? { session, at: payload.iat ?? 0 } : undefined;
    } catch {
      // Forged, or of another secret: it opens nothing, and that is all there is to say.
      return undefined;
    }
  }
}
