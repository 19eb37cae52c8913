/** Tokens for one stream, as JWTs: who bears one may publish, or play, that stream of that app and nothing else. */
import type { StreamTokens } from "@satsuma/sfu";
import { errors, jwtVerify, SignJWT } from "jose";

const algorithm = "HS256";

/** `key` has at least 32 bytes (RFC 7518 §3.2); `now` is in milliseconds since the epoch. */
export function streamTokens(key: Uint8Array, now: () => number): StreamTokens {
  if (key.byteLength < 32) throw new Error(`The key of stream tokens has ${key.byteLength} bytes; it needs 32.`);
  return {
    issue(app, stream, may, ttl) {
      const issued = Math.floor(now() / 1_000);
      return new SignJWT({ app, stream, may })
        .setProtectedHeader({ alg: algorithm, typ: "stream+jwt" })
        .setIssuedAt(issued)
        .setExpirationTime(issued + ttl)
        .sign(key);
    },
    async admits(token, app, stream, may) {
      try {
        const { payload } = await jwtVerify(token, key, {
          algorithms: [algorithm],
          typ: "stream+jwt",
          currentDate: new Date(now()),
          requiredClaims: ["exp"],
        });
        return payload.app === app && payload.stream === stream && payload.may === may;
      } catch (error) {
        if (error instanceof errors.JOSEError || error instanceof TypeError) return false;
        throw error;
      }
    },
  };
}
