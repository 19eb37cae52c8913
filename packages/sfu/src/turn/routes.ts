/** TURN credentials over HTTP, as Cloudflare has them: `/v1/turn/keys/:key/credentials/…`, for servers, not for browsers. */
import {
  type ErrorCode,
  errors,
  type IceServer,
  longestTurnTtl,
  parseTurnRequest,
  refusalOf,
  unwrap,
} from "@satsuma/protocol";
import { type Context, Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { bearerOf } from "../api/bearer.ts";
import type { Keys } from "../manage/keys.ts";
import type { Relay } from "./relay.ts";

export interface TurnOptions {
  readonly keys: Keys;
  readonly relay: Relay;
  readonly onError: (error: unknown) => void;
}

/** Seconds: half of what is allowed, and longer than any call. */
const defaultTtl = longestTurnTtl / 2;
/** Bytes. */
const largestBody = 4_096;

export function turnRoutes({ keys, relay, onError }: TurnOptions): Hono {
  const routes = new Hono().basePath("/v1/turn/keys/:key/credentials");
  routes.use(async (c, next) => {
    const bearer = bearerOf(c.req.header("authorization"));
    if (bearer === undefined || !keys.admits("turn", c.req.param("key") ?? "", bearer)) {
      return refuse(c, "unauthorized", "The TURN key or its token is wrong.");
    }
    return next();
  });
  routes.use(
    bodyLimit({ maxSize: largestBody, onError: (c) => refuse(c, "payload_too_large", "The body is too large.") }),
  );

  const issue = async (c: Context): Promise<readonly IceServer[]> => {
    const { ttl = defaultTtl, customIdentifier: identifier } = unwrap(parseTurnRequest(await c.req.text()));
    return relay.issue({ key: c.req.param("key") ?? "", ttl, identifier });
  };
  routes.post("/generate-ice-servers", async (c) => c.json({ iceServers: await issue(c) }, 201));
  routes.post("/generate", async (c) => {
    const servers = await issue(c);
    const turn = servers.find(({ credential }) => credential !== undefined);
    return c.json({ iceServers: { ...turn, urls: servers.flatMap(({ urls }) => urls) } }, 201);
  });
  routes.post("/:username/revoke", async (c) => {
    const { key, username } = c.req.param() as { key: string; username: string };
    await relay.revoke(key, username);
    return c.body(null, 204);
  });

  routes.all("*", (c) => refuse(c, "not_found", "There is no such endpoint, or not with this method."));
  routes.onError((error, c) => {
    const { code, message } = refusalOf(error);
    if (code === "temporarily_unavailable_error" || code === "internal") onError(error);
    return refuse(c, code === "internal" ? "internal_error" : code, message);
  });
  return routes;
}

function refuse(c: Context, errorCode: ErrorCode, errorDescription: string): Response {
  return c.json({ errorCode, errorDescription }, errors[errorCode].status);
}
