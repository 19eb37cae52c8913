/** The Calls API of one server: its routes. What a call does is the SFU's business, and who may call gate.ts's. */
import {
  parseCloseTracks,
  parseDataChannels,
  parseEstablish,
  parseNewSession,
  parseRenegotiate,
  parseTracks,
  parseUpdateTracks,
  type TrackObject,
  unwrap,
} from "@satsuma/protocol";
import type { Hono } from "hono";
import type { Adapters } from "../adapters/adapters.ts";
import { adapterRoutes } from "../adapters/routes.ts";
import type { SfuConfig } from "../config.ts";
import { appsOf } from "../manage/apps.ts";
import type { Keys } from "../manage/keys.ts";
import type { Sfu } from "../sfu.ts";
import { type UsageOptions, usageRoutes } from "../usage/routes.ts";
import { type WhipOptions, whipRoutes } from "../whip/routes.ts";
import { gated, mounted, refuse } from "./gate.ts";

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
  const apps = appsOf(options.apps, options.keys);
  const calls = gated(apps);

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

  return mounted(calls, whipRoutes(sfu, { apps, ...options.whip, onError: options.onError }), options.onError);
}

function named({ tracks }: { readonly tracks: readonly TrackObject[] }) {
  return tracks.map((track) => ({ ...track, name: track.trackName }));
}
