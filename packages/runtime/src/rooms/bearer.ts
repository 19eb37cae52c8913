/** The room token of an HTTP request: `Authorization: Bearer …`, for the room that the path names. */
import { type Result, refusal } from "@satsuma/protocol";
import { type Claims, parseRoomName } from "@satsuma/rooms";
import type { Context } from "hono";

export async function verifyBearer(
  c: Context,
  verify: (token: string, room: string) => Promise<Result<Claims>>,
): Promise<Result<Claims>> {
  const room = parseRoomName(c.req.param("room") ?? "");
  if (!room.ok) return room;
  const token = /^Bearer (\S{1,4096})$/i.exec(c.req.header("Authorization") ?? "")?.[1];
  if (token === undefined) return { ok: false, refusal: refusal("bad-token", "A room token is needed.") };
  return verify(token, room.value);
}
