/**
 * The Calls API over HTTP: routes, bearer, bounded bodies, JSON on every answer. What a call does is the SFU's business.
 *
 * Mounted at `/v1/apps/:app` and at `/apps/:app`, since clients of Cloudflare's service use both. Bodies are read as JSON
 * whatever their content type, and unknown query parameters are ignored, because its clients depend on that.
 */
import {
  type ErrorCode,
  errors,
  limits,
  parseCloseTracks,
  parseNewSession,
  parseRenegotiate,
  parseTracks,
  refusalOf,
  unwrap,
} from "@satsuma/protocol";
import { type Context, Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { cors } from "hono/cors";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import type { SfuConfig } from "../config.ts";
import type { Sfu } from "../sfu.ts";
import { sameSecret } from "./secret.ts";

export interface ApiOptions {
  readonly apps: SfuConfig["apps"];
  /** Hears every error that is not a refusal. Clients are told `internal_error` and nothing of it. */
  readonly onError: (error: unknown) => void;
}

export function createApi(sfu: Sfu, options: ApiOptions): Hono {
  const calls = new Hono<{ Variables: { app: string } }>();

  calls.use("/:app/*", async (c, next) => {
    const app = c.req.param("app");
    const known = options.apps.find((candidate) => candidate.id === app);
    const bearer = /^Bearer +(\S+)$/i.exec(c.req.header("authorization") ?? "")?.[1];
    if (known === undefined || bearer === undefined || !sameSecret(bearer, known.secret)) {
      return refuse(c, "unauthorized", "The app or its secret is wrong.");
    }
    c.set("app", app);
    return next();
  });
  calls.use(
    "/:app/*",
    bodyLimit({
      maxSize: limits.callsBodyBytes,
      onError: (c) => refuse(c, "payload_too_large", `A body may have ${limits.callsBodyBytes} bytes at the most.`),
    }),
  );

  calls.post("/:app/sessions/new", async (c) => {
    const request = unwrap(parseNewSession(await c.req.text()));
    const { id, answer } = await sfu.newSession(c.get("app"), request?.sessionDescription);
    return c.json({ sessionId: id, ...(answer && { sessionDescription: answer }) }, 201);
  });
  calls.get("/:app/sessions/:session", (c) => c.json(sfu.state(c.get("app"), c.req.param("session"))));
  calls.post("/:app/sessions/:session/tracks/new", async (c) => {
    const request = unwrap(parseTracks(await c.req.text()));
    return c.json(await sfu.tracks(c.get("app"), c.req.param("session"), request));
  });
  calls.put("/:app/sessions/:session/renegotiate", async (c) => {
    const request = unwrap(parseRenegotiate(await c.req.text()));
    return c.json(await sfu.renegotiate(c.get("app"), c.req.param("session"), request.sessionDescription));
  });
  calls.put("/:app/sessions/:session/tracks/close", async (c) => {
    const request = unwrap(parseCloseTracks(await c.req.text()));
    return c.json(await sfu.close(c.get("app"), c.req.param("session"), request));
  });

  const api = new Hono();
  api.use(cors({ origin: "*", allowHeaders: ["authorization", "content-type"], allowMethods: ["GET", "POST", "PUT"] }));
  api.route("/v1/apps", calls);
  api.route("/apps", calls);
  api.notFound((c) => refuse(c, "not_found", "There is no such endpoint, or not with this method."));
  api.onError((error, c) => {
    const { code, message } = refusalOf(error);
    if (code !== "internal") return refuse(c, code, message);
    options.onError(error);
    return refuse(c, "internal_error", message);
  });
  return api;
}

function refuse(c: Context, code: ErrorCode, description: string): Response {
  const status: ContentfulStatusCode = errors[code].status;
  return c.json({ errorCode: code, errorDescription: description }, status);
}
