/**
 * One Calls API before several servers. A session is begun at the server with the least to do, whose number is in the
 * session's id from then on; that is where its calls go.
 *
 * It keeps nothing of a call. A server that is not there any more has taken its sessions along, and they are told so with
 * the 410 of every session that has ended.
 */
import { type IceServer, RefusedError } from "@satsuma/protocol";
import { type Context, Hono } from "hono";
import type { Apps } from "../manage/apps.ts";
import { numberIn } from "../pipe/number.ts";
import type { Meter } from "../usage/meter.ts";
import { type UsageOptions, usageRoutes } from "../usage/routes.ts";
import { iceServerLinks } from "../whip/links.ts";
import { frontAdapters } from "./front-adapters.ts";
import { bounded, gated, mounted } from "./gate.ts";
import { forwarded, orGone, type Servers } from "./servers.ts";

export interface FrontOptions {
  readonly apps: Apps;
  readonly usage: UsageOptions & { readonly meter: Meter };
  /** STUN and TURN servers for WHIP and WHEP peers. */
  readonly iceServers: () => Promise<readonly IceServer[]>;
  readonly onError: (error: unknown) => void;
}

export function createFront(servers: Servers, { apps, usage, iceServers, onError }: FrontOptions): Hono {
  const calls = gated(apps);

  calls.post("/:app/sessions/new", async (c) => {
    const call = await forwarded(c);
    // A server that goes at this very moment, or is full, has not begun the session.
    const tried = new Set<number>();
    let full: Response | undefined;
    for (let server = servers.least(tried); server !== undefined; server = servers.least(tried)) {
      tried.add(server);
      const answer = await orGone(servers.ask(server, call));
      if (answer !== undefined && answer.status !== 503) return own(c, answer);
      full = answer ?? full;
    }
    if (full !== undefined) return own(c, full);
    throw new RefusedError("temporarily_unavailable_error", "No media server is ready. Try again in a moment.");
  });
  const session = async (c: Context) => {
    const answer = await orGone(
      servers.ask(numberIn(c.req.param("session") ?? "", servers.count) ?? 0, await forwarded(c)),
    );
    if (answer === undefined) {
      throw new RefusedError("session_error", "There is no such session, or it has ended. Start a new one.");
    }
    return own(c, answer);
  };
  calls.all("/:app/sessions/:session", session);
  calls.all("/:app/sessions/:session/*", session);

  calls.route("/", frontAdapters(servers));

  calls.use("/:app/usage", async (_, next) => {
    await servers.settleUsage();
    return next();
  });
  calls.route("/", usageRoutes(usage));

  return mounted(calls, frontStreams(servers, iceServers), onError);
}

/** All of a stream is at one server, that its name chooses: there its publisher and its players find each other. */
function frontStreams(servers: Servers, iceServers: FrontOptions["iceServers"]): Hono {
  const routes = new Hono();
  for (const door of ["whip", "whep"]) {
    routes.use(`/:app/${door}/*`, bounded());
    routes.all(`/:app/${door}/:stream/*`, async (c) => {
      const { app = "", stream = "" } = c.req.param();
      const answer = await orGone(servers.ask(placeOf(`${app} ${stream}`, servers.count), await forwarded(c)));
      if (answer === undefined) {
        throw new RefusedError("temporarily_unavailable_error", "The server of this stream starts anew. Try again.");
      }
      if (c.req.method === "POST" && answer.headers.has("etag")) {
        for (const link of iceServerLinks(await iceServers())) answer.headers.append("Link", link);
      }
      return answer;
    });
  }
  return routes;
}

/** The answer of a server under the headers of this one. */
function own(c: Context, answer: Response): Response {
  return c.newResponse(answer.body, answer);
}

/** FNV-1a: even enough for names, and the same in every process. */
function placeOf(name: string, count: number): number {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(name)) hash = Math.imul(hash ^ byte, 0x01000193);
  return (hash >>> 0) % count;
}
