/**
 * A member's way to the media server, as the room server's proxy goes it (runtime/rooms/proxy.ts): asked of the room,
 * carried out, told to the room.
 */
import {
  type BeginRequest,
  type BeginStep,
  errors,
  type NewSessionResponse,
  parseCloseTracks,
  parseRenegotiate,
  parseTracks,
  parseUpdateTracks,
  type Refusal,
  RefusedError,
  refusal,
  refusalOf,
  type TracksResponse,
  unwrap,
} from "@satsuma/protocol";
import { type Claims, type MediaOperation, mergeTracks } from "@satsuma/rooms";
import { app, type MediaServer } from "./media-server.ts";
import type { RoomServer } from "./room-server.ts";

export interface Answer {
  readonly status: number;
  readonly body: unknown;
}

export interface Ask {
  readonly method: string;
  /** Below `/sfu/sessions/`. */
  readonly path: string;
  readonly body: string;
}

/** When the model's time begins. */
export const epoch = 1_700_000_000_000;

/** The room server's side of a call. */
export interface Behind {
  readonly rooms: RoomServer;
  readonly media: MediaServer;
  readonly now: () => number;
}

export async function proxied(ask: Ask, claims: Claims, behind: Behind): Promise<Answer> {
  try {
    return await performed(operationOf(ask), claims, behind);
  } catch (thrown) {
    return refused(refusalOf(thrown));
  }
}

/** A session with its first push and pull; each answered when it is done, and after one that failed comes no other. */
export async function* begun(
  { push, pull }: BeginRequest,
  claims: Claims,
  behind: Behind,
): AsyncGenerator<BeginStep, void> {
  const made = await performed({ do: "new-session" }, claims, behind);
  yield { step: "session", ...made };
  if (made.status !== 201) return;
  const { sessionId: session } = made.body as NewSessionResponse;
  const pushed = await performed({ do: "tracks", session, body: push }, claims, behind);
  yield { step: "push", ...pushed };
  if (pushed.status !== 200 || pull === undefined) return;
  yield { step: "pull", ...(await performed({ do: "tracks", session, body: pull }, claims, behind)) };
}

async function performed(operation: MediaOperation, claims: Claims, { rooms, media, now }: Behind): Promise<Answer> {
  try {
    let verdict = rooms.room.authorize(claims.participant, operation, epoch + now());
    if (verdict.verdict === "refused" && verdict.refusal.code === "limit-reached") {
      for (const session of rooms.room.sessionsOf(claims.participant)) forgetEnded(session, rooms, media);
      verdict = rooms.room.authorize(claims.participant, operation, epoch + now());
    }
    if (verdict.verdict === "refused") return refused(verdict.refusal);
    const going = verdict.operation;
    const discovers = going.do === "tracks" && going.body.autoDiscover === true;
    if ((going.do === "tracks" || going.do === "update-tracks") && going.body.tracks.length === 0 && !discovers)
      return { status: 200, body: mergeTracks(verdict.answered, { requiresImmediateRenegotiation: false }) };
    const body = await carriedOut(going, claims, rooms, media);
    if (verdict.answered.size === 0) return { status: going.do === "new-session" ? 201 : 200, body };
    return { status: 200, body: mergeTracks(verdict.answered, body as TracksResponse) };
  } catch (thrown) {
    return refused(refusalOf(thrown));
  }
}

async function carriedOut(
  operation: MediaOperation,
  { participant }: Claims,
  rooms: RoomServer,
  { sfu }: MediaServer,
): Promise<unknown> {
  if (operation.do === "new-session") {
    const { id } = await sfu.newSession(app, undefined);
    rooms.play({ input: "bound", participant, session: id });
    if (rooms.room.sessionsOf(participant).includes(id)) return { sessionId: id };
    throw new RefusedError("not-a-member", "You left the room before the session was made.");
  }
  const { session } = operation;
  try {
    switch (operation.do) {
      case "inspect":
        return sfu.state(app, session);
      case "tracks":
        return await sfu.tracks(app, session, operation.body);
      case "update-tracks":
        return sfu.update(app, session, operation.body);
      case "renegotiate":
        return await sfu.renegotiate(app, session, operation.body.sessionDescription);
      case "close-tracks":
        return await sfu.close(app, session, operation.body);
    }
  } catch (thrown) {
    const { status } = errors[refusalOf(thrown).code];
    if (status === 404 || status === 410) rooms.play({ input: "unbound", session });
    throw thrown;
  }
}

function forgetEnded(session: string, rooms: RoomServer, { sfu }: MediaServer): void {
  try {
    sfu.state(app, session);
  } catch {
    rooms.play({ input: "unbound", session });
  }
}

function operationOf({ method, path, body }: Ask): MediaOperation {
  const [session = "", ...rest] = path.split("/");
  switch (`${method} ${rest.join("/")}`) {
    case "GET ":
      return { do: "inspect", session };
    case "POST tracks/new":
      return { do: "tracks", session, body: unwrap(parseTracks(body)) };
    case "PUT tracks/update":
      return { do: "update-tracks", session, body: unwrap(parseUpdateTracks(body)) };
    case "PUT renegotiate":
      return { do: "renegotiate", session, body: unwrap(parseRenegotiate(body)) };
    case "PUT tracks/close":
      return { do: "close-tracks", session, body: unwrap(parseCloseTracks(body)) };
  }
  throw new RefusedError("not_found", `There is no ${method} ${path}.`);
}

export function refused({ code, message }: Refusal): Answer {
  return { status: errors[code].status, body: { errorCode: code, errorDescription: message } };
}

/** What is said when nobody may be asked at all. */
export const nobody = refused(refusal("unauthorized", "The token does not hold."));
