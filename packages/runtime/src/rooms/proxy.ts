/**
 * A member's way to the media server, at `/rooms/:room/sfu/…`: the Calls API without its app, for bearers of a room token.
 *
 * Every answer is JSON in the Calls shape, refusals included. Whether something may be done is the room's decision
 * (rooms/media/authorize.ts); here it is asked, carried out, and what came of it is told to the room.
 */

import type { Handle, Namespace } from "@satsuma/durable";
import {
  type CallsError,
  errors,
  limits,
  parseBegin,
  parseCloseTracks,
  parseNewSession,
  parseRenegotiate,
  parseTracks,
  parseUpdateTracks,
  type Refusal,
  type Result,
  refusal,
  type TracksResponse,
} from "@satsuma/protocol";
import { type Claims, type MediaAnswer, type MediaOperation, type MediaServer, mergeTracks } from "@satsuma/rooms";
import { type Context, Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import type { Log } from "../log.ts";
import { askRoom } from "./ask.ts";
import { verifyBearer } from "./bearer.ts";
import { beginSession } from "./begin.ts";
import { callOf, correlationOf } from "./noted-call.ts";
import type { RoomObject } from "./object.ts";
import { releaseSession } from "./release.ts";

export interface ProxyContext {
  readonly rooms: Namespace<RoomObject>;
  /** Says who a token's bearer is; whether they are in the room now is asked of the room. */
  readonly identify: (token: string, room: string) => Promise<Result<Claims>>;
  readonly media: MediaServer;
  /** Milliseconds. */
  readonly now: () => number;
  readonly log: Log;
  /** Work that goes on when the answer is out, where the platform has to be told of it. */
  readonly waitUntil?: (c: Context, work: Promise<unknown>) => void;
}

type Member = { Variables: { claims: Claims } };

/** To be mounted at `/rooms/:room/sfu`. */
export function mediaProxy(context: ProxyContext): Hono<Member> {
  const app = new Hono<Member>();
  app.use(async (c, next) => {
    const claims = await verifyBearer(c, context.identify);
    if (!claims.ok) return answer(c, refusalAnswer(refusal("unauthorized", claims.refusal.message)));
    c.set("claims", claims.value);
    return next();
  });
  app.use(bodyLimit({ maxSize: limits.callsBodyBytes, onError: (c) => answer(c, refusalAnswer(tooLarge)) }));

  const perform = async (c: Context<Member>, operation: MediaOperation, correlation: string) => {
    const began = context.now();
    const result = await carryOut(context, c.var.claims, operation);
    const call = callOf(operation, result, { correlation, duration: context.now() - began });
    const { room, participant } = c.var.claims;
    const noted = askRoom(context.rooms.get(room), "note", { participant, call })
      .then((isTheirs) => release(context, operation, result, isTheirs))
      .catch((error: unknown) => {
        context.log.warn("media request not noted", { operation: call.operation, error });
      });
    context.waitUntil?.(c, noted);
    return result;
  };
  const failed = (error: unknown): MediaAnswer => {
    context.log.error("media proxy failed", { error });
    return refusalAnswer(refusal("internal_error", "Something went wrong on the server."));
  };
  const correlate = (c: Context<Member>): string => {
    const correlation = correlationOf(c);
    c.header("Satsuma-Correlation", correlation);
    return correlation;
  };
  const run = (read: (c: Context<Member>, body: string) => Result<MediaOperation>) => async (c: Context<Member>) => {
    const operation = read(c, await c.req.text());
    if (!operation.ok) return answer(c, refusalAnswer(operation.refusal));
    return answer(c, await perform(c, operation.value, correlate(c)));
  };
  const session = (c: Context<Member>) => c.req.param("session") ?? "";
  app.post(
    "/sessions/new",
    run((_, body) => map(parseNewSession(body), (value) => ({ do: "new-session", body: value }))),
  );
  app.post("/sessions/begin", async (c) => {
    const request = parseBegin(await c.req.text());
    if (!request.ok) return answer(c, refusalAnswer(request.refusal));
    const correlation = correlate(c);
    // What goes wrong is a line of the answer, which has already begun.
    return c.newResponse(
      beginSession(request.value, (operation) => perform(c, operation, correlation).catch(failed)),
      200,
      { "Content-Type": "application/x-ndjson", "Cache-Control": "no-store" },
    );
  });
  app.get(
    "/sessions/:session",
    run((c) => ({ ok: true, value: { do: "inspect", session: session(c) } })),
  );
  app.post(
    "/sessions/:session/tracks/new",
    run((c, body) => map(parseTracks(body), (value) => ({ do: "tracks", session: session(c), body: value }))),
  );
  app.put(
    "/sessions/:session/tracks/update",
    run((c, body) =>
      map(parseUpdateTracks(body), (value) => ({ do: "update-tracks", session: session(c), body: value })),
    ),
  );
  app.put(
    "/sessions/:session/renegotiate",
    run((c, body) => map(parseRenegotiate(body), (value) => ({ do: "renegotiate", session: session(c), body: value }))),
  );
  app.put(
    "/sessions/:session/tracks/close",
    run((c, body) =>
      map(parseCloseTracks(body), (value) => ({ do: "close-tracks", session: session(c), body: value })),
    ),
  );
  app.all("*", (c) => answer(c, refusalAnswer(refusal("not_found", "The Calls API has no such operation here."))));
  app.onError((thrown, c) => answer(c, failed(thrown)));
  return app;
}

const tooLarge = refusal("payload_too_large", `A body may have ${limits.callsBodyBytes} bytes at the most.`);

type Actor = Handle<RoomObject>;

async function carryOut(context: ProxyContext, claims: Claims, operation: MediaOperation): Promise<MediaAnswer> {
  const room = context.rooms.get(claims.room);
  const asked = { participant: claims.participant, operation };
  let verdict = await askRoom(room, "authorize", asked);
  if (verdict.verdict === "refused" && verdict.refusal.code === "limit-reached") {
    await forgetEnded(context, room, claims.participant);
    verdict = await askRoom(room, "authorize", asked);
  }
  if (verdict.verdict === "refused") return refusalAnswer(verdict.refusal);
  const { operation: going, answered } = verdict;
  if (isEmpty(going)) {
    return { status: 200, body: mergeTracks(answered, { requiresImmediateRenegotiation: false }) };
  }
  const result = await forward(context, room, going);
  if (going.do === "new-session") return bound(room, claims.participant, result);
  if (answered.size === 0 || result.status !== 200) return result;
  return { status: result.status, body: mergeTracks(answered, result.body as TracksResponse) };
}

/** All that was asked for is answered already. What the server is to find by itself in an offer has no names. */
function isEmpty(operation: MediaOperation): boolean {
  if (operation.do === "update-tracks") return operation.body.tracks.length === 0;
  return operation.do === "tracks" && operation.body.tracks.length === 0 && !operation.body.autoDiscover;
}

async function forward(context: ProxyContext, room: Actor, operation: MediaOperation): Promise<MediaAnswer> {
  try {
    const result = await context.media.forward(operation);
    if (result.status === 401 || result.status === 403) {
      // It is about the app's secret, which is between this server and the media server.
      throw new Error(`the media server refused this server (${result.status})`);
    }
    const ended = result.status === 410 || result.status === 404;
    if (ended && operation.do !== "new-session") await askRoom(room, "unbound", { session: operation.session });
    return result;
  } catch (error) {
    context.log.error("media request failed", { operation: operation.do, error });
    return refusalAnswer(refusal("temporarily_unavailable_error", "The media server cannot be reached."));
  }
}

/** Whoever was put out while the media server was pulling for them would else go on receiving what it then pulled. */
async function release(
  { media }: ProxyContext,
  operation: MediaOperation,
  { status }: MediaAnswer,
  isTheirs: boolean,
): Promise<void> {
  const flows = operation.do === "tracks" || operation.do === "update-tracks";
  if (flows && status === 200 && !isTheirs) await releaseSession(media, operation.session);
}

/** Gives the new session to its participant before anybody can use it. */
async function bound(room: Actor, participant: string, result: MediaAnswer): Promise<MediaAnswer> {
  const session = sessionOf(result);
  if (session === undefined) {
    await askRoom(room, "unmade", { participant });
    return result;
  }
  if (await askRoom(room, "bind", { participant, session })) return result;
  return refusalAnswer(refusal("not-a-member", "You left the room before the session was made."));
}

/** Asks about every session of a participant that has its full number, so that ended ones stop counting. */
async function forgetEnded(context: ProxyContext, room: Actor, participant: string): Promise<void> {
  const sessions = await askRoom(room, "sessions", { participant });
  await Promise.all(sessions.map((session) => forward(context, room, { do: "inspect", session })));
}

function sessionOf({ status, body }: MediaAnswer): string | undefined {
  if (status !== 201 || typeof body !== "object" || body === null || !("sessionId" in body)) return undefined;
  return typeof body.sessionId === "string" ? body.sessionId : undefined;
}

function refusalAnswer(why: Refusal): MediaAnswer {
  const body: CallsError = { errorCode: why.code, errorDescription: why.message };
  return { status: errors[why.code].status, body };
}

function answer(c: Context, { status, body }: MediaAnswer): Response {
  c.header("Cache-Control", "no-store");
  return c.newResponse(JSON.stringify(body), status as 200, { "Content-Type": "application/json" });
}

function map<A, B>(result: Result<A>, change: (value: A) => B): Result<B> {
  return result.ok ? { ok: true, value: change(result.value) } : result;
}
