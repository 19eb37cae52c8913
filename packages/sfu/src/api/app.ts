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
  parseDataChannels,
  parseEstablish,
  parseNewSession,
  parseRenegotiate,
  parseTracks,
  parseUpdateTracks,
  refusalOf,
  type TrackObject,
  unwrap,
} from "@satsuma/protocol";
import { type Context, Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { cors } from "hono/cors";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import type { Adapters } from "../adapters/adapters.ts";
import { adapterRoutes } from "../adapters/routes.ts";
import type { SfuConfig } from "../config.ts";
import { appsOf } from "../manage/apps.ts";
import type { Keys } from "../manage/keys.ts";
import type { Sfu } from "../sfu.ts";
import { type UsageOptions, usageRoutes } from "../usage/routes.ts";
import { type WhipOptions, whipRoutes } from "../whip/routes.ts";
import { bearerOf } from "./bearer.ts";

export interface ApiOptions {
  readonly apps: SfuConfig["apps"];
  /** Apps that are made and deleted while the server runs. */
  readonly keys?: Keys;
  /** WebSocket media adapters; without them their endpoints are not there. */
  readonly adapters?: Adapters;
  /** What was sent, at `usage` of each app. */
  readonly usage?: UsageOptions;
  /** WHIP and WHEP. */
  readonly whip?: Pick<WhipOptions, "tokens" | "iceServers">;
  /** Hears every error that is not a refusal. Clients are told `internal_error` and nothing of it. */
  readonly onError: (error: unknown) => void;
}

export function createApi(sfu: Sfu, options: ApiOptions): Hono {
  const calls = new Hono<{ Variables: { app: string } }>();
  const apps = appsOf(options.apps, options.keys);

  calls.use("/:app/*", async (c, next) => {
    const app = c.req.param("app");
    const bearer = bearerOf(c.req.header("authorization"));
    if (bearer === undefined || !apps.admits(app, bearer)) {
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
    const thirdParty = c.req.query("thirdparty") === "true";
    const loudest = c.req.query("loudest");
    if (loudest !== undefined && !/^[1-9]\d{0,3}$/.test(loudest))
      return refuse(c, "invalid_params", "loudest is a number of microphones, from 1.");
    const { id, answer } = await sfu.newSession(c.get("app"), request?.sessionDescription, {
      thirdParty,
      ...(loudest !== undefined && { loudest: Number(loudest) }),
    });
    return c.json({ sessionId: id, ...(answer && { sessionDescription: answer }) }, 201);
  });
  calls.get("/:app/sessions/:session", (c) => c.json(sfu.state(c.get("app"), c.req.param("session"))));
  calls.get("/:app/sessions/:session/stats", (c) => c.json(sfu.stats(c.get("app"), c.req.param("session"))));
  // Kept for WHIP at Calls.
  calls.delete("/:app/sessions/:session", (c) =>
    refuse(c, "method_not_allowed", "A session is not deleted; it ends with its PeerConnection."),
  );
  calls.post("/:app/sessions/:session/tracks/new", async (c) => {
    const request = unwrap(parseTracks(await c.req.text()));
    const [app, session] = [c.get("app"), c.req.param("session")];
    return c.json(
      await sfu.pipes.with(app, session, "tracks", named(request), () => sfu.tracks(app, session, request)),
    );
  });
  calls.put("/:app/sessions/:session/renegotiate", async (c) => {
    const request = unwrap(parseRenegotiate(await c.req.text()));
    return c.json(await sfu.renegotiate(c.get("app"), c.req.param("session"), request.sessionDescription));
  });
  calls.put("/:app/sessions/:session/tracks/update", async (c) => {
    const request = unwrap(parseUpdateTracks(await c.req.text()));
    const [app, session] = [c.get("app"), c.req.param("session")];
    return c.json(
      await sfu.pipes.with(app, session, "tracks", named(request), () => sfu.update(app, session, request)),
    );
  });
  calls.put("/:app/sessions/:session/tracks/close", async (c) => {
    const request = unwrap(parseCloseTracks(await c.req.text()));
    return c.json(await sfu.close(c.get("app"), c.req.param("session"), request));
  });

  calls.post("/:app/sessions/:session/datachannels/establish", async (c) => {
    const request = unwrap(parseEstablish(await c.req.text()));
    return c.json(await sfu.establish(c.get("app"), c.req.param("session"), request));
  });
  calls.post("/:app/sessions/:session/datachannels/new", async (c) => {
    const request = unwrap(parseDataChannels(await c.req.text()));
    const [app, session] = [c.get("app"), c.req.param("session")];
    const wanted = request.dataChannels.map((channel) => ({ ...channel, name: channel.dataChannelName }));
    const opened = () => sfu.openChannels(app, session, request);
    return c.json(await sfu.pipes.with(app, session, "channels", wanted, opened));
  });
  calls.put("/:app/sessions/:session/datachannels/update", async (c) => {
    const request = unwrap(parseDataChannels(await c.req.text()));
    return c.json(sfu.updateChannels(c.get("app"), c.req.param("session"), request));
  });
  calls.put("/:app/sessions/:session/datachannels/close", async (c) => {
    const request = unwrap(parseDataChannels(await c.req.text()));
    return c.json(sfu.closeChannels(c.get("app"), c.req.param("session"), request));
  });

  if (options.adapters !== undefined) calls.route("/", adapterRoutes(options.adapters));

  if (options.usage) calls.route("/", usageRoutes(options.usage));

  const api = new Hono();
  api.route("/v1/apps", whipRoutes(sfu, { apps, ...options.whip, onError: options.onError }));
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

function named({ tracks }: { readonly tracks: readonly TrackObject[] }) {
  return tracks.map((track) => ({ ...track, name: track.trackName }));
}

function refuse(c: Context, code: ErrorCode, description: string): Response {
  const status: ContentfulStatusCode = errors[code].status;
  const errorCode = code === "session_not_ready" ? "session_error" : code;
  return c.json({ errorCode, errorDescription: description }, status);
}
