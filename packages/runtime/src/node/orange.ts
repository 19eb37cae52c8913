/** Orange's side of the room server: its HTTP routes, and what its door and they have in common. */
import type { Handle, Namespace } from "@satsuma/durable";
import type { IceServer } from "@satsuma/protocol";
import type { MediaServer } from "@satsuma/rooms";
import { Hono } from "hono";
import type { Log } from "../log.ts";
import { identifyBy } from "../orange/identify.ts";
import { Locks } from "../orange/lock.ts";
import { Pace } from "../orange/pace.ts";
import { orangeProxy } from "../orange/proxy.ts";
import { reportRoutes } from "../orange/report-routes.ts";
import { ReportsObject } from "../orange/reports.ts";
import { Sessions } from "../orange/session.ts";
import { usernameRoutes } from "../orange/username.ts";
import { Whereabouts } from "../orange/whereabouts.ts";
import type { RoomObject } from "../rooms/object.ts";
import { now } from "./clock.ts";
import { type Door, orangeDoor } from "./doors.ts";
import type { Store } from "./durable/index.ts";

export interface OrangeOptions {
  /** Of the `__session` cookie: the first signs, each is believed. Orange's own is public, and so proves nothing. */
  readonly secrets: readonly [string, ...string[]];
  /** At least 32 bytes: of the locks between sessions and who began them. */
  readonly lockKey: Uint8Array;
  /** Keeps the locks' cookies to TLS and to localhost. True by default. */
  readonly secure?: boolean;
  /** A header that names visitors, if what stands in front can be trusted with it; none by default. */
  readonly nameHeader?: string;
  /** What clients gather candidates by; none by default, for a media server that everybody reaches. */
  readonly iceServers?: () => Promise<readonly IceServer[]>;
}

export interface OrangeContext {
  readonly store: Store;
  readonly rooms: Namespace<RoomObject>;
  readonly media: MediaServer;
  readonly log: Log;
}

/** As Calls allows one session; a page that joins fifty others makes some hundred at once. */
const requests = { rate: 50, burst: 200 };
/** partytracks begins a new one at most ten times in its first four seconds of failing. */
const sessionsBegun = { rate: 1, burst: 20 };
const reportsMade = { rate: 0.5, burst: 10 };

export interface OrangeServer {
  readonly door: Door;
  readonly routes: Hono;
  /** What people have reported, for whoever carries it on. */
  readonly reports: Handle<ReportsObject>;
}

export function orangeServer(options: OrangeOptions, context: OrangeContext): OrangeServer {
  const { store, rooms, media, log } = context;
  const sessions = new Sessions(options.secrets);
  const { nameHeader } = options;
  const identify = identifyBy({ sessions, nameHeader });
  const locks = new Locks(options.lockKey, options.secure ?? true, now);
  const whereabouts = new Whereabouts(now);
  const reports = store.namespace("orange-reports", ReportsObject, undefined).get("all");
  const iceServers = options.iceServers ?? (async () => []);
  const pace = { requests: new Pace(requests, now), sessions: new Pace(sessionsBegun, now) };
  const routes = new Hono();
  routes.route("/partytracks", orangeProxy({ rooms, identify, whereabouts, locks, media, iceServers, pace, log }));
  routes.route("/", usernameRoutes({ identify, sessions, isNamedByHeader: nameHeader !== undefined, now }));
  routes.route("/", reportRoutes({ reports, identify, pace: new Pace(reportsMade, now) }));
  return { door: orangeDoor({ identify, locks, whereabouts }), routes, reports };
}
