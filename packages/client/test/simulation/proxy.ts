/**
 * A member's way to the media server, as the room server's proxy goes it (runtime/rooms/proxy.ts): asked of the room,
 * carried out, told to the room.
 */
import {
  errors,
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

const epoch = 1_700_000_000_000;

export async function proxied(
  ask: Ask,
  claims: Claims,
  rooms: RoomServer,
  media: MediaServer,
  now: number,
): Promise<Answer> {
  try {
    const operation = operationOf(ask);
    let verdict = rooms.room.authorize(claims.participant, operation, epoch + now);
    if (verdict.verdict === "refused" && verdict.refusal.code === "limit-reached") {
      for (const session of rooms.room.sessionsOf(claims.participant)) forgetEnded(session, rooms, media);
      verdict = rooms.room.authorize(claims.participant, operation, epoch + now);
    }
    if (verdict.verdict === "refused") return refused(verdict.refusal);
    const going = verdict.operation;
    if ((going.do === "tracks" || going.do === "update-tracks") && going.body.tracks.length === 0)
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
    case "POST ":
      return { do: "new-session" };
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

function refused({ code, message }: Refusal): Answer {
  return { status: errors[code].status, body: { errorCode: code, errorDescription: message } };
}

/** What is said when nobody may be asked at all. */
export const nobody = refused(refusal("unauthorized", "The token does not hold."));
