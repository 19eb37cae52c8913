/**
 * What stands before every call of the Calls API, whoever answers it: the app's secret, bounded bodies, CORS, and JSON on
 * every answer.
 *
 * Mounted at `/v1/apps/:app` and at `/apps/:app`, since clients of Cloudflare's service use both. Bodies are read as JSON
 * whatever their content type, and unknown query parameters are ignored, because its clients depend on that.
 */
import { type ErrorCode, errors, limits, refusalOf } from "@satsuma/protocol";
import { type Context, Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { cors } from "hono/cors";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import type { Apps } from "../manage/apps.ts";
import { bearerOf } from "./bearer.ts";

export type Calls = Hono<{ Variables: { app: string } }>;

/** Routes whose callers have the secret of the app in their path. */
export function gated(apps: Apps): Calls {
  const calls: Calls = new Hono();
  calls.use("/:app/*", async (c, next) => {
    const app = c.req.param("app");
    const bearer = bearerOf(c.req.header("authorization"));
    if (bearer === undefined || !apps.admits(app, bearer)) {
      return refuse(c, "unauthorized", "The app or its secret is wrong.");
    }
    c.set("app", app);
    return next();
  });
  calls.use("/:app/*", bounded());
  return calls;
}

export function bounded() {
  return bodyLimit({
    maxSize: limits.callsBodyBytes,
    onError: (c) => refuse(c, "payload_too_large", `A body may have ${limits.callsBodyBytes} bytes at the most.`),
  });
}

/** The whole API: `whip` has its own bearers and CORS. `onError` hears every error that is not a refusal. */
export function mounted(calls: Calls, whip: Hono, onError: (error: unknown) => void): Hono {
  const api = new Hono();
  api.route("/v1/apps", whip);
  api.use(cors({ origin: "*", allowHeaders: ["authorization", "content-type"], allowMethods: ["GET", "POST", "PUT"] }));
  api.route("/v1/apps", calls);
  api.route("/apps", calls);
  api.notFound((c) => refuse(c, "not_found", "There is no such endpoint, or not with this method."));
  api.onError((error, c) => {
    const { code, message } = refusalOf(error);
    if (code !== "internal") return refuse(c, code, message);
    onError(error);
    return refuse(c, "internal_error", message);
  });
  return api;
}

export function refuse(c: Context, code: ErrorCode, description: string): Response {
  const status: ContentfulStatusCode = errors[code].status;
  const errorCode = code === "session_not_ready" ? "session_error" : code;
  return c.json({ errorCode, errorDescription: description }, status);
}
