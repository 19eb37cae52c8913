/**
 * partytracks' way to the media server, at `/partytracks/…`: the Calls API without its app, for whoever has a name.
 *
 * Its client names no room, so what a visitor may do hangs on the visitor: it must be in a room, acts only on sessions
 * that it began itself (lock.ts), and pulls its own tracks and those of the rooms it is in (rooms/orange/media.ts).
 */
import type { Namespace } from "@satsuma/durable";
import {
  type IceServer,
  limits,
  parseCloseTracks,
  parseNewSession,
  parseRenegotiate,
  parseTracks,
  parseUpdateTracks,
  type Result,
  refusal,
  type TrackObject,
  type TrackResult,
  type TracksResponse,
} from "@satsuma/protocol";
import { type MediaAnswer, type MediaOperation, type MediaServer, mergeTracks } from "@satsuma/rooms";
import { type Context, Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { parse } from "hono/utils/cookie";
import type { Log } from "../log.ts";
import { askRoom } from "../rooms/ask.ts";
import type { RoomObject } from "../rooms/object.ts";
import type { Identify } from "./identify.ts";
import type { Lock, Locks } from "./lock.ts";
import type { Pace } from "./pace.ts";
import { pass, refuse } from "./reply.ts";
import type { Visitor } from "./visitor.ts";
import type { Whereabouts } from "./whereabouts.ts";

export interface OrangeProxyContext {
  readonly rooms: Namespace<RoomObject>;
  readonly identify: Identify;
  readonly whereabouts: Pick<Whereabouts, "roomsOf">;
  readonly locks: Locks;
  readonly media: MediaServer;
  /** What a client gathers its candidates by; none for a media server that everybody reaches. */
  readonly iceServers: () => Promise<readonly IceServer[]>;
  /** Requests, and sessions begun, of one person. */
  readonly pace: { readonly requests: Pace; readonly sessions: Pace };
  readonly log: Log;
}

type Caller = { Variables: { visitor: Visitor; rooms: readonly string[]; locks: readonly Lock[] } };

/** To be mounted at `/partytracks`. */
export function orangeProxy(context: OrangeProxyContext): Hono<Caller> {
  const app = new Hono<Caller>();
  app.get("/generate-ice-servers", async (c) => pass(c, 200, { iceServers: await context.iceServers() }));
  app.use(async (c, next) => {
    const visitor = await context.identify((name) => c.req.header(name));
    if (!visitor) return c.text("unauthorized", 401);
    if (!context.pace.requests.take(visitor.person)) return refuse(c, tooMany);
    const rooms = context.whereabouts.roomsOf(visitor.person);
    if (rooms.length === 0) return refuse(c, refusal("not-a-member", "Only who is in a room may use its media."));
    c.set("visitor", visitor);
    c.set("rooms", rooms);
    c.set("locks", await context.locks.read(parse(c.req.header("cookie") ?? ""), visitor));
    return next();
  });
  app.use(bodyLimit({ maxSize: limits.callsBodyBytes, onError: (c) => refuse(c, tooLarge) }));

  app.post("/sessions/new", async (c) => {
    const body = parseNewSession(await c.req.text());
    if (!body.ok) return refuse(c, body.refusal);
    if (!context.pace.sessions.take(c.var.visitor.person)) return refuse(c, tooMany);
    return begin(context, c, { do: "new-session", body: body.value });
  });
  const run =
    (read: (session: string, body: string) => Result<MediaOperation>) => async (c: Context<Caller, "/:session">) => {
      const session = c.req.param("session");
      if (!c.var.locks.some((lock) => lock.session === session)) return c.text("unauthorized", 401);
      const operation = read(session, await c.req.text());
      return operation.ok ? carryOut(context, c, operation.value) : refuse(c, operation.refusal);
    };
  app.get(
    "/sessions/:session",
    run((session) => ({ ok: true, value: { do: "inspect", session } })),
  );
  app.post(
    "/sessions/:session/tracks/new",
    run((session, text) => operationOf(parseTracks(text), (body) => ({ do: "tracks", session, body }))),
  );
  app.put(
    "/sessions/:session/tracks/update",
    run((session, text) => operationOf(parseUpdateTracks(text), (body) => ({ do: "update-tracks", session, body }))),
  );
  app.put(
    "/sessions/:session/renegotiate",
    run((session, text) => operationOf(parseRenegotiate(text), (body) => ({ do: "renegotiate", session, body }))),
  );
  app.put(
    "/sessions/:session/tracks/close",
    run((session, text) => operationOf(parseCloseTracks(text), (body) => ({ do: "close-tracks", session, body }))),
  );
  app.all("*", (c) => refuse(c, refusal("not_found", "The Calls API has no such operation here.")));
  app.onError((thrown, c) => {
    context.log.error("orange proxy failed", { error: thrown });
    return refuse(c, refusal("internal", "Something went wrong on the server."));
  });
  return app;
}

const tooLarge = refusal("payload_too_large", `A body may have ${limits.callsBodyBytes} bytes at the most.`);
const tooMany = refusal("too-many-requests", "These are more requests than one person may make.");
const unreachable = refusal("media-unavailable", "The media server cannot be reached.");

async function begin(context: OrangeProxyContext, c: Context<Caller>, operation: MediaOperation): Promise<Response> {
  const result = await forward(context, operation);
  const session = sessionOf(result);
  if (!result || session === undefined) return refuse(c, unreachable);
  const { visitor, rooms, locks } = c.var;
  // Before the client can name it in its room.
  const { person } = visitor;
  await Promise.all(rooms.map((room) => askRoom(context.rooms.get(room), "orange-bind", { person, session })));
  for (const cookie of await context.locks.give(session, visitor, locks)) {
    c.header("Set-Cookie", cookie, { append: true });
  }
  return pass(c, result.status, result.body);
}

async function carryOut(context: OrangeProxyContext, c: Context<Caller>, operation: MediaOperation): Promise<Response> {
  const { going, answered } = await checked(context, c, operation);
  const isEmpty = (going.do === "tracks" || going.do === "update-tracks") && going.body.tracks?.length === 0;
  const discovers = going.do === "tracks" && going.body.autoDiscover === true;
  if (isEmpty && !discovers && answered.size > 0) {
    return pass(c, 200, mergeTracks(answered, { requiresImmediateRenegotiation: false }));
  }
  const result = await forward(context, going);
  if (!result) return refuse(c, unreachable);
  const isMerged = answered.size > 0 && result.status === 200;
  return pass(c, result.status, isMerged ? mergeTracks(answered, result.body as TracksResponse) : result.body);
}

/** Takes the tracks that may not be pulled out of an operation, and answers them as the media server would. */
async function checked(context: OrangeProxyContext, c: Context<Caller>, operation: MediaOperation) {
  const answered = new Map<number, TrackResult>();
  if (operation.do !== "tracks" && operation.do !== "update-tracks") return { going: operation, answered };
  const tracks: readonly TrackObject[] = operation.body.tracks ?? [];
  const isOwn = ({ location, sessionId }: TrackObject) =>
    location !== "remote" || c.var.locks.some(({ session }) => session === sessionId);
  const wanted = tracks.filter((track) => !isOwn(track)).map(addressOf);
  const may = wanted.length === 0 ? new Set<string>() : await pullable(context, c, wanted);
  const kept = tracks.filter((track, position) => {
    if (isOwn(track) || may.has(addressOf(track))) return true;
    answered.set(position, { ...track, mid: "", ...notHere });
    return false;
  });
  // Written twice, since the two bodies are of two types.
  const going: MediaOperation =
    operation.do === "tracks"
      ? { ...operation, body: { ...operation.body, tracks: kept } }
      : { ...operation, body: { ...operation.body, tracks: kept } };
  return { going, answered };
}

async function pullable(context: OrangeProxyContext, c: Context<Caller>, wanted: readonly string[]) {
  const { visitor, rooms } = c.var;
  const question = { person: visitor.person, wanted };
  const found = await Promise.all(rooms.map((room) => askRoom(context.rooms.get(room), "orange-pullable", question)));
  return new Set(found.flat());
}

const notHere = {
  errorCode: "not_found_track_error",
  errorDescription: "Nobody in a room of yours has published this track.",
} as const;

async function forward(
  { media, log }: OrangeProxyContext,
  operation: MediaOperation,
): Promise<MediaAnswer | undefined> {
  try {
    const result = await media.forward(operation);
    // It is about the app's secret, which is between this server and the media server.
    if (result.status === 401 || result.status === 403) throw new Error(`the media server said ${result.status}`);
    return result;
  } catch (error) {
    log.error("media request failed", { operation: operation.do, error });
    return undefined;
  }
}

function sessionOf(result: MediaAnswer | undefined): string | undefined {
  const body = result?.body;
  if (typeof body !== "object" || body === null || !("sessionId" in body)) return undefined;
  return typeof body.sessionId === "string" ? body.sessionId : undefined;
}

function addressOf({ sessionId, trackName }: TrackObject): string {
  return `${sessionId ?? ""}/${trackName ?? ""}`;
}

function operationOf<A, B>(result: Result<A>, make: (value: A) => B): Result<B> {
  return result.ok ? { ok: true, value: make(result.value) } : result;
}
