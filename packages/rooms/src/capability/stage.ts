/** Who is on stage and who listens, and what each may do: roles given, offered, taken and handed on. */
import { type Grant, type Role, roleGrants } from "@satsuma/protocol";
import { type Asker, done, type Outcome, refused, type Speaker } from "../asker.ts";
import type { Member } from "../data.ts";
import { keyOf } from "../records.ts";
import type { Turn } from "../turn.ts";
import { tellLobby } from "./lobby.ts";
import { mayDo, settleGrants } from "./permission.ts";
import { putDown } from "./raising.ts";
import { countAudience } from "./signalling.ts";
import { noSuchMember, refuseOver } from "./target.ts";

export function setRole(turn: Turn, asker: Asker, id: string, role: Role): Outcome {
  const member = turn.data.members.get(id);
  if (!member) return noSuchMember;
  const why = refuseOver(turn, asker, member) ?? refuseRaise(asker, roleGrants[role]);
  if (why) return why;
  const full = refuseStage(turn, member, role);
  if (full) return full;
  give(turn, member, role, undefined);
  noteRole(turn, asker, "set-role", member, role);
  return done;
}

export function grant(turn: Turn, asker: Asker, id: string, grants: readonly Grant[]): Outcome {
  const member = turn.data.members.get(id);
  if (!member) return noSuchMember;
  const why = refuseOver(turn, asker, member) ?? refuseRaise(asker, grants);
  if (why) return why;
  give(turn, member, member.face.role, grants);
  noteRole(turn, asker, "grant", member, grants.join(" "));
  return done;
}

export function invite(turn: Turn, asker: Asker, id: string, role: Role): Outcome {
  const member = turn.data.members.get(id);
  if (!member) return noSuchMember;
  const why = refuseOver(turn, asker, member) ?? refuseRaise(asker, roleGrants[role]);
  if (why) return why;
  member.invited = role;
  settleGrants(turn, member);
  noteRole(turn, asker, "invite", member, role);
  return done;
}

export function accept(turn: Turn, { member, actor }: Speaker): Outcome {
  const role = member.invited;
  if (role === undefined) return refused("not-found", "No role was offered to you.");
  const full = refuseStage(turn, member, role);
  if (full) return full;
  give(turn, member, role, undefined);
  turn.event({ type: "moderated", did: "accept", by: actor, who: subject(member), detail: role });
  return done;
}

/** The one who hands on becomes a speaker. */
export function transfer(turn: Turn, asker: Speaker, id: string): Outcome {
  const member = turn.data.members.get(id);
  if (!member || member === asker.member) return noSuchMember;
  if (asker.member.face.role !== "host") return refused("not-allowed", "Only a host can hand that on.");
  const full = refuseStage(turn, member, "host");
  if (full) return full;
  give(turn, member, "host", undefined);
  give(turn, asker.member, "speaker", undefined);
  noteRole(turn, asker, "transfer", member, "host");
  return done;
}

/** Moves a member on or off stage; their media sessions stay, tracks that they may no longer send do not. */
export function move(turn: Turn, member: Member, role: Role): void {
  const { data } = turn;
  const before = member.face.role;
  if (before === role) return;
  if (before !== "listener" && role !== "listener") {
    turn.change({ change: "role", id: member.id, role });
    return;
  }
  if (role === "listener") {
    const tracks = member.face.tracks.map(({ session, name }) => ({ session, name }));
    if (tracks.length > 0) turn.send({ effect: "stop", tracks });
    for (const { name } of member.face.tracks) turn.change({ change: "unpublished", id: member.id, name });
    turn.announce({ change: "left", id: member.id, why: "demoted" });
    member.face = { ...member.face, role };
  } else {
    data.last.order += 1;
    member.order = data.last.order;
    member.face = { ...member.face, role };
    turn.announce({ change: "joined", participant: member.face });
  }
  turn.touch(keyOf.member(member.id));
  countAudience(turn);
}

/** Or somebody who moderates could make themselves the host. */
function refuseRaise(asker: Asker, grants: readonly Grant[]): Outcome | undefined {
  if (asker.kind === "server" || asker.member.face.role === "host" || !grants.includes("moderate")) return undefined;
  return refused("not-allowed", "Only a host makes somebody a moderator.");
}

export function stageIsFull({ data, settings }: Turn): boolean {
  return data.state.participants.length >= settings.participants;
}

function give(turn: Turn, member: Member, role: Role, grants: readonly Grant[] | undefined): void {
  const { data } = turn;
  member.invited = undefined;
  member.granted = grants;
  if (role !== "listener" && member.face.role === "listener") putDown(turn, member.id);
  move(turn, member, role);
  const { identity } = member.face;
  data.people.set(identity, { ...data.people.get(identity), role, grants });
  turn.touch(keyOf.person(identity));
  settleGrants(turn, member);
  if (mayDo(data, member, "moderate")) tellLobby(turn, member);
}

function refuseStage(turn: Turn, member: Member, role: Role): Outcome | undefined {
  const steps = member.face.role === "listener" && role !== "listener";
  if (!steps || !stageIsFull(turn)) return undefined;
  return refused("room-full", "The stage has all the people it takes.");
}

function noteRole(turn: Turn, asker: Asker, did: string, member: Member, detail: string): void {
  turn.event({ type: "moderated", did, by: asker.actor, who: subject(member), detail });
}

function subject(member: Member) {
  return { participant: member.id, identity: member.face.identity };
}
