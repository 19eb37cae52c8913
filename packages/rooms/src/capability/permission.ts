/**
 * Who may do what. A member's grants are their own, or those of their role, less what the rules withhold; a moderator
 * loses nothing to rules.
 */
import { type Grant, type Rules, roleGrants, type Self, trackGrants } from "@satsuma/protocol";
import type { Member, RoomData } from "../data.ts";
import type { RoomCommand } from "../input.ts";
import { keyOf } from "../records.ts";
import type { Turn } from "../turn.ts";
import { fallSilent } from "./signalling.ts";

/** What a command needs. Those that are missing need nothing, or look for themselves. */
export const needed: Readonly<Partial<Record<RoomCommand["do"], Grant>>> = {
  rename: "rename",
  raise: "raise",
  say: "chat",
  edit: "chat",
  delete: "chat",
  react: "react",
  emote: "react",
  poll: "poll",
  vote: "vote",
  set: "state",
  unset: "state",
  relay: "relay",
  record: "record",
  admit: "moderate",
  deny: "moderate",
  silence: "moderate",
  "ask-unmute": "moderate",
  stop: "moderate",
  remove: "moderate",
  ban: "moderate",
  unban: "moderate",
  "list-bans": "moderate",
  "set-role": "moderate",
  grant: "moderate",
  invite: "moderate",
  transfer: "moderate",
  "set-rules": "moderate",
  "set-passcode": "moderate",
  end: "moderate",
  audit: "moderate",
};

export function grantsOf(member: Member, rules: Rules): ReadonlySet<Grant> {
  const own = member.granted ?? roleGrants[member.face.role];
  if (own.includes("moderate")) return new Set(own);
  return new Set(own.filter((grant) => !rules.withheld.includes(grant)));
}

export function mayDo(data: RoomData, member: Member, grant: Grant): boolean {
  return grantsOf(member, data.state.rules).has(grant);
}

export function selfOf(data: RoomData, member: Member): Self {
  const { role, joinedAt, name } = member.face;
  const grants = [...grantsOf(member, data.state.rules)];
  return { role, grants, joinedAt, name, ...(member.invited && { invited: member.invited }) };
}

/** Ends the tracks that a member may no longer send, and tells them what they are and may do now. */
export function settleGrants(turn: Turn, member: Member): void {
  endForbidden(turn, member);
  turn.tellMember(member, { type: "you", you: selfOf(turn.data, member) });
}

export function endForbidden(turn: Turn, member: Member): void {
  const grants = grantsOf(member, turn.data.state.rules);
  const stopped = member.face.tracks.filter(({ source }) => !grants.has(trackGrants[source]));
  turn.touch(keyOf.member(member.id));
  if (!grants.has("microphone") && turn.data.presence.speaking.includes(member.id)) fallSilent(turn, member.id);
  if (stopped.length === 0) return;
  for (const { name } of stopped) turn.change({ change: "unpublished", id: member.id, name });
  turn.send({ effect: "stop", tracks: stopped.map(({ session, name }) => ({ session, name })) });
}
