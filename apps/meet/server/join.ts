/**
 * `POST /api/rooms/:room/tokens`: the meeting app's own policy of who may join. Whoever knows a room's name may have a
 * token for it, at a bounded rate per address.
 */
import { errors, parseTokenRequest, type Refusal, refusal, type TokenResponse } from "@satsuma/protocol";
import { parseRoomName } from "@satsuma/rooms";
import type { RoomTokens } from "@satsuma/runtime/node";
import { type Context, Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { RateLimiterMemory, RateLimiterRes } from "rate-limiter-flexible";
import type { Media } from "./media.ts";

export interface JoinContext {
  readonly tokens: RoomTokens;
  /** Tokens a minute for one address. */
  readonly perMinute: number;
  readonly addressOf: (c: Context) => string;
  /** Servers for browsers that cannot reach the media server by themselves. */
  readonly relayFor: Media["relayFor"] | undefined;
}

/** A name of 128 characters and a token of 4 KiB fit, with room for spelling. */
const bodyBytes = 16_384;
const tooLarge = refusal("too-large", `A body may have ${bodyBytes} bytes at the most.`);

export function joinRoutes({ tokens, perMinute, addressOf, relayFor }: JoinContext): Hono {
  const limiter = new RateLimiterMemory({ points: perMinute, duration: 60 });
  const app = new Hono();
  app.use("/api/*", bodyLimit({ maxSize: bodyBytes, onError: (c) => refuse(c, tooLarge) }));
  app.post("/api/rooms/:room/tokens", async (c) => {
    const wait = await consume(limiter, addressOf(c));
    if (wait !== undefined) {
      c.header("Retry-After", String(Math.ceil(wait / 1000)));
      return refuse(c, refusal("too-many-requests", "Too many people have joined from here in the last minute."));
    }
    const room = parseRoomName(c.req.param("room"));
    if (!room.ok) return refuse(c, room.refusal);
    const request = parseTokenRequest(await c.req.text());
    if (!request.ok) return refuse(c, request.refusal);
    c.header("Cache-Control", "no-store");
    const [issued, relay] = await Promise.all([
      tokens.issue(room.value, request.value.name, request.value.previous),
      relayFor?.(),
    ]);
    const answer: TokenResponse = { ...issued, ...(relay && { relay }) };
    return c.json(answer, 201);
  });
  return app;
}

export function refuse(c: Context, why: Refusal): Response {
  return c.json(why, errors[why.code].status);
}

/** Milliseconds to wait, or undefined when there is nothing to wait for. */
async function consume(limiter: RateLimiterMemory, address: string): Promise<number | undefined> {
  try {
    await limiter.consume(address);
    return undefined;
  } catch (refused) {
    if (refused instanceof RateLimiterRes) return refused.msBeforeNext;
    throw refused;
  }
}
