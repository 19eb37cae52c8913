/**
 * WHIP ingest (RFC 9725) and WHEP playback (draft-ietf-wish-whep) over HTTP.
 *
 * `POST whip/:stream` publishes and `POST whep/:stream` plays; both answer with a resource `…/:stream/:session` that takes
 * PATCH (trickle ICE) and DELETE. Bearer is the app's secret or a token for that stream. A player without an offer gets
 * one, and answers it by PATCH.
 */
import { type ErrorCode, errors, type IceServer, limits, RefusedError, refusalOf } from "@satsuma/protocol";
import { type Context, Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { cors } from "hono/cors";
import { bearerOf } from "../api/bearer.ts";
import type { Apps } from "../manage/apps.ts";
import { readFragment } from "../sdp/read.ts";
import type { Sfu } from "../sfu.ts";
import { iceServerLinks } from "./links.ts";
import { type Resource, Streams, ufragOf } from "./streams.ts";
import type { StreamGrant, StreamTokens } from "./tokens.ts";

export interface WhipOptions {
  readonly apps: Apps;
  /** Without it, the app's secret is the only bearer. */
  readonly tokens?: StreamTokens;
  /** STUN and TURN servers for a peer, told in `Link` headers. */
  readonly iceServers?: () => Promise<readonly IceServer[]>;
  readonly onError: (error: unknown) => void;
}

const sdpType = "application/sdp";
const fragmentType = "application/trickle-ice-sdpfrag";

/** Seconds that a stream token is good for, unless asked otherwise: a day of streaming. The longest is a month. */
const tokenTtl = { default: 86_400, longest: 2_678_400 };

const streamName = /^[^/\p{Cc}\p{Zs}]{1,128}$/u;

const doors = [
  { path: "whip", may: "publish" },
  { path: "whep", may: "play" },
] as const satisfies readonly { path: string; may: StreamGrant }[];

export function whipRoutes(sfu: Sfu, { apps, tokens, iceServers, onError }: WhipOptions): Hono {
  const streams = new Streams(sfu);
  const routes = new Hono();

  for (const { path, may } of doors) {
    const endpoint = `/:app/${path}/:stream` as const;
    const resource = `${endpoint}/:session` as const;

    routes.use(`/:app/${path}/*`, async (c, next) => {
      c.header("Accept-Post", sdpType);
      c.header("Accept-Patch", `${fragmentType}, ${sdpType}`);
      return next();
    });
    routes.use(
      `/:app/${path}/*`,
      cors({
        origin: "*",
        allowMethods: ["POST", "PATCH", "DELETE", "OPTIONS"],
        allowHeaders: ["authorization", "content-type", "if-match"],
        exposeHeaders: ["location", "etag", "link", "accept-post", "accept-patch"],
      }),
    );
    routes.use(`${endpoint}/*`, async (c, next) => {
      const { app = "", stream = "" } = c.req.param();
      if (!streamName.test(stream)) return refuse(c, "not_found", "A stream has a name of 1 to 128 characters.");
      const bearer = bearerOf(c.req.header("authorization"));
      const known = bearer !== undefined && apps.knows(app);
      if (!known || !(apps.admits(app, bearer) || (await tokens?.admits(bearer, app, stream, may)))) {
        c.header("WWW-Authenticate", "Bearer");
        return refuse(c, "unauthorized", "The bearer is neither the app's secret nor a token for this stream.");
      }
      return next();
    });
    const tooLarge = `A body may have ${limits.callsBodyBytes} bytes at the most.`;
    const onTooLarge = (c: Context) => refuse(c, "payload_too_large", tooLarge);
    routes.use(`/:app/${path}/*`, bodyLimit({ maxSize: limits.callsBodyBytes, onError: onTooLarge }));

    routes.post(`${endpoint}/tokens`, async (c) => {
      const { app, stream } = c.req.param();
      if (tokens === undefined) throw new RefusedError("not_found", "This server makes no stream tokens.");
      if (!apps.admits(app, bearerOf(c.req.header("authorization")) ?? "")) {
        throw new RefusedError("unauthorized", "Only the app's secret makes stream tokens.");
      }
      const ttl = readTtl(await c.req.text());
      return c.json({ token: await tokens.issue(app, stream, may, ttl), ttl }, 201);
    });

    routes.post(endpoint, async (c) => {
      const { app, stream } = c.req.param();
      const sdp = await c.req.text();
      if (!(may === "play" && sdp === "") && typeOf(c) !== sdpType) {
        throw new RefusedError("unsupported_content", `Expecting ${sdpType}.`);
      }
      const begun = may === "publish" ? await streams.publish(app, stream, sdp) : await streams.play(app, stream, sdp);
      const answer = "answer" in begun ? begun.answer : begun.description;
      for (const link of iceServerLinks((await iceServers?.()) ?? [])) c.header("Link", link, { append: true });
      c.header("Location", `${new URL(c.req.url).pathname.replace(/\/$/, "")}/${begun.resource.session}`);
      c.header("ETag", tagOf(begun.resource));
      return c.body(answer, 201, { "Content-Type": sdpType });
    });
    routes.all(endpoint, (c) => refuse(c, "method_not_allowed", "A stream takes POST and OPTIONS."));

    routes.patch(resource, async (c) => {
      const { app, stream, session } = c.req.param();
      const found = streams.find(app, stream, may, session);
      if (found === undefined) throw new RefusedError("not_found", "There is no such resource, or it has ended.");
      const body = await c.req.text();
      if (typeOf(c) === sdpType && may === "play") await streams.answer(found, body);
      else if (typeOf(c) === fragmentType) trickle(streams, found, body, c.req.header("if-match"));
      else throw new RefusedError("unsupported_content", `Expecting ${fragmentType}.`);
      return c.body(null, 204);
    });
    routes.delete(resource, (c) => {
      const { app, stream, session } = c.req.param();
      const found = streams.find(app, stream, may, session);
      if (found === undefined) throw new RefusedError("not_found", "There is no such resource, or it has ended.");
      streams.end(found);
      return c.body(null, 200);
    });
    routes.all(resource, (c) => refuse(c, "method_not_allowed", "A resource takes PATCH, DELETE and OPTIONS."));
  }

  routes.onError((error, c) => {
    const { code, message } = refusalOf(error);
    if (code !== "internal") return refuse(c, code, message);
    onError(error);
    return refuse(c, "internal_error", message);
  });
  return routes;
}

/** RFC 9725 §4.3: a missing tag is 428, another one 412, and an ICE restart, which we do not do, 422. */
function trickle(streams: Streams, resource: Resource, fragment: string, tag: string | undefined): void {
  if (tag === undefined) throw new RefusedError("precondition_required", "Trickle ICE needs If-Match with the ETag.");
  const ufrag = ufragOf(fragment);
  const restart = tag === "*" || (ufrag !== undefined && resource.ufrag !== undefined && ufrag !== resource.ufrag);
  if (restart) throw new RefusedError("ice_restart_refused", "ICE restart is not supported. Start a new resource.");
  if (tag !== tagOf(resource)) throw new RefusedError("precondition_failed", "If-Match is not the current ETag.");
  if (ufrag === undefined) throw new RefusedError("decoding_error", "The fragment has no ice-ufrag.");
  streams.learn(resource, readFragment(fragment));
}

/** Constant for the life of a resource, since its ICE session is. */
function tagOf({ session }: Resource): string {
  return `"${session.slice(0, 16)}"`;
}

function typeOf(c: Context): string {
  return (c.req.header("content-type") ?? "").split(";")[0]?.trim().toLowerCase() ?? "";
}

function readTtl(body: string): number {
  if (body === "") return tokenTtl.default;
  let ttl: unknown;
  try {
    ttl = (JSON.parse(body) as { ttl?: unknown } | null)?.ttl ?? tokenTtl.default;
  } catch {
    throw new RefusedError("decoding_error", "The body is not JSON.");
  }
  if (typeof ttl === "number" && Number.isInteger(ttl) && ttl >= 1 && ttl <= tokenTtl.longest) return ttl;
  throw new RefusedError("invalid_params", `ttl is a whole number of seconds from 1 to ${tokenTtl.longest}.`);
}

function refuse(c: Context, code: ErrorCode, description: string): Response {
  const errorCode = code === "session_not_ready" ? "session_error" : code;
  return c.json({ errorCode, errorDescription: description }, errors[code].status);
}
