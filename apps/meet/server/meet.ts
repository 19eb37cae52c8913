/** The meeting app's process, composed once: room server, media server, token policy and page on one HTTP port. */
import type { IncomingMessage } from "node:http";
import { getConnInfo } from "@hono/node-server/conninfo";
import { refusal } from "@satsuma/protocol";
import { defaultRoomSettings } from "@satsuma/rooms";
import { type Log, listen, roomServer } from "@satsuma/runtime/node";
import { type Context, Hono } from "hono";
import { StartError, variableOf } from "./config.ts";
import { securityHeaders } from "./headers.ts";
import { joinRoutes, refuse } from "./join.ts";
import { kept } from "./kept.ts";
import { openMedia } from "./media.ts";
import { orangeOptions } from "./orange.ts";
import { pageRoutes } from "./page.ts";
import type { Settings } from "./settings.ts";
import { openStore } from "./store.ts";
import { roomTokens } from "./tokens.ts";

export interface Meet {
  /** Where a browser on this machine finds the page. */
  readonly url: string;
  /** Ends in under a second, whoever is connected. */
  close(): Promise<void>;
}

/** Milliseconds that peers have to say goodbye; together well under the second that a stop may take. */
const patience = { sockets: 300, requests: 300 } as const;

/** `page` is the folder of the built page; without it only the API is served. */
export async function startMeet(settings: Settings, page: string | undefined, log: Log): Promise<Meet> {
  const { http, tokens: token, data, api } = settings;
  const webhookSecret = async () => api.webhookSecret ?? (await kept(data, "webhooks.secret", 32));
  const tokens = await roomTokens(settings);
  const media = await openMedia(settings, log);
  const { most, rooms: mostRooms, ...sockets } = settings.sockets;
  const reachable = Promise.withResolvers<void>();
  const store = openStore(data, log, reachable.promise);
  const rooms = roomServer({
    store,
    room: { ...defaultRoomSettings, ...settings.rooms },
    sockets: { sockets: most, ...sockets },
    mostRooms,
    addressOf: peerAddresses(http.addressHeader),
    tokens,
    media: media.server,
    ...(settings.orange.enabled && { orange: await orangeOptions(settings) }),
    ...(api.key !== undefined && { apiKey: api.key }),
    ...(api.webhook !== undefined && { webhooks: [{ id: "app", url: api.webhook, secret: await webhookSecret() }] }),
    log,
  });

  const app = new Hono();
  app.use(securityHeaders);
  app.get("/healthz", (c) => c.json({ status: "ok" }));
  const { api: calls } = media;
  if (calls) {
    app.all("/v1/apps/*", (c) => calls(c.req.raw));
    app.all("/apps/*", (c) => calls(c.req.raw));
    app.all("/v1/turn/*", (c) => calls(c.req.raw));
    app.all("/client/*", (c) => calls(c.req.raw));
  }
  app.route("/", rooms.routes);
  app.route(
    "/",
    joinRoutes({
      tokens,
      perMinute: token.perMinute,
      addressOf: addresses(http.addressHeader),
      relayFor: media.relayFor,
    }),
  );
  if (page !== undefined) app.route("/", pageRoutes(page));
  app.notFound((c) => refuse(c, refusal("not-found", "There is nothing here.")));
  app.onError((thrown, c) => {
    log.error("request failed", { path: c.req.path, error: thrown });
    return refuse(c, refusal("internal", "Something went wrong on the server."));
  });

  const server = await listen({ fetch: app.fetch, upgrade: rooms.upgrade, host: http.host, port: http.port }).catch(
    async (error: unknown) => {
      await media.close();
      await store.close();
      throw portError(error, http.host, http.port);
    },
  );
  reachable.resolve();
  return {
    url: `http://${urlHost(http.host)}:${server.port}`,
    async close() {
      await rooms.close(patience.sockets);
      await Promise.all([media.close(), server.close(patience.requests)]);
      await store.close();
    },
  };
}

function addresses(header: string | undefined): (c: Context) => string {
  const own = (c: Context) => getConnInfo(c).remote.address ?? "unknown";
  return header === undefined ? own : (c) => c.req.header(header) ?? own(c);
}

/** The same for a request to upgrade, which Hono does not see. */
function peerAddresses(header: string | undefined): (request: IncomingMessage) => string {
  return ({ headers, socket }) => {
    const named = header === undefined ? undefined : headers[header.toLowerCase()];
    return (typeof named === "string" ? named : socket.remoteAddress) ?? "unknown";
  };
}

function portError(error: unknown, host: string, port: number): unknown {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  const option = variableOf("http", "port");
  if (code === "EADDRINUSE") return new StartError(`TCP port ${port} is taken; choose another with ${option}.`);
  if (code === "EACCES")
    return new StartError(`TCP port ${port} is not allowed here; choose one above 1023 with ${option}.`);
  if (code === "EADDRNOTAVAIL" || code === "ENOTFOUND" || code === "EAI_AGAIN") {
    return new StartError(`This machine has no address ${host}; choose another with ${variableOf("http", "host")}.`);
  }
  return error;
}

/** Browsers trust the word localhost more than any address: only there, or with TLS, do they give out cameras. */
function urlHost(host: string): string {
  if (["127.0.0.1", "::1", "0.0.0.0", "::"].includes(host)) return "localhost";
  return host.includes(":") ? `[${host}]` : host;
}
