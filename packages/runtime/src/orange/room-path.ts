/** The path of Orange's sockets: `/parties/rooms/ROOM?_pk=ID`, with anything after the room. */
import { type Result, refusal } from "@satsuma/protocol";
import { parseRoomName } from "@satsuma/rooms";

export interface RoomPath {
  readonly room: string;
  /** `_pk`, verbatim. */
  readonly id: string | undefined;
}

const rooms = /^\/parties\/rooms\/([^/?#]+)(?:\/[^?#]*)?(?:\?([^#]*))?$/;

/** Undefined when it is the path of something else. */
export function parseRoomPath(url: string): Result<RoomPath> | undefined {
  if (!url.startsWith("/parties/")) return undefined;
  const found = rooms.exec(url);
  const raw = found?.[1];
  if (raw === undefined) return { ok: false, refusal: refusal("not-found", "Not found") };
  const room = nameOf(raw);
  if (!room.ok) return room;
  const id = new URLSearchParams(found?.[2]).get("_pk") ?? undefined;
  if (id !== undefined && (id.length > 128 || !/^\P{Cc}+$/u.test(id))) {
    return { ok: false, refusal: refusal("bad-message", "_pk has 1 to 128 characters, none a control character.") };
  }
  return { ok: true, value: { room: room.value, id } };
}

/**
 * Orange takes the part of the path for the name as it is written. The name that it writes out is that of the other
 * dialect's room, so that people of both meet; what writes out none, such as `%2F`, stays as it is written.
 */
function nameOf(raw: string): Result<string> {
  const name = parseRoomName(decoded(raw));
  return name.ok ? name : parseRoomName(raw);
}

function decoded(raw: string): string {
  try {
    return decodeURIComponent(raw);
  } catch {
    return "";
  }
}
