/**
 * What a returning client is sent: the deltas and chat events that it missed, as long as they are kept; otherwise a
 * snapshot. Either way it holds the room's state afterwards.
 */
import { joinDeltas, type Resume } from "@satsuma/protocol";
import type { Member, RoomData, Told } from "../data.ts";
import type { SocketId } from "../input.ts";
import type { Turn } from "../turn.ts";

/** Whether everything after this point is still known. Versions of another lineage are of another past. */
export function covers({ lineage, state, deltas, last, told }: RoomData, resume: Resume): boolean {
  if (resume.lineage !== lineage || resume.version > state.version || resume.chat > last.told) return false;
  const versions =
    resume.version === state.version || (deltas[0]?.delta.after ?? Number.POSITIVE_INFINITY) <= resume.version;
  const chat = resume.chat === last.told || (told[0]?.n ?? Number.POSITIVE_INFINITY) <= resume.chat + 1;
  return versions && chat;
}

export function catchUp(turn: Turn, member: Member, socket: SocketId, { version, chat }: Resume): void {
  const { data } = turn;
  const [first, ...rest] = data.deltas.map(({ delta }) => delta).filter((delta) => delta.version > version);
  if (first) turn.tell([socket], { type: "delta", ...joinDeltas([first, ...rest]) });
  for (const told of data.told) {
    if (told.n > chat && isFor(told, member)) turn.tell([socket], { type: "chat", n: told.n, ...told.event });
  }
  turn.tell([socket], { type: "presence", presence: data.presence });
}

export function resync(turn: Turn, sockets: readonly SocketId[]): void {
  const { state, presence, last } = turn.data;
  turn.tell(sockets, { type: "snapshot", state, presence, chat: last.told });
}

function isFor({ only }: Told, member: Member): boolean {
  return only === undefined || only.includes(member.face.identity);
}
