/** Whom a moderator may act on: everyone who does not moderate; on those who do, only hosts, and the server. */
import { type Asker, type Outcome, refused } from "../asker.ts";
import type { Member } from "../data.ts";
import type { Turn } from "../turn.ts";
import { mayDo } from "./permission.ts";

export const noSuchMember: Outcome = refused("not-found", "There is nobody of that id in the room.");

export function refuseOver(turn: Turn, asker: Asker, target: Member): Outcome | undefined {
  if (asker.kind === "server" || asker.member.face.role === "host" || asker.member === target) return undefined;
  if (!mayDo(turn.data, target, "moderate")) return undefined;
  return refused("not-allowed", "Only a host may do that to somebody who moderates.");
}
