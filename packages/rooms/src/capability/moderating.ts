/** What a moderator does to what others send. Muting is undone by whom it was done to; what was stopped is ended at the media server. */
import type { Notice, Resume, TrackSource } from "@satsuma/protocol";
import { type Asker, done, type Outcome } from "../asker.ts";
import type { Member } from "../data.ts";
import type { SocketId } from "../input.ts";
import { keyOf } from "../records.ts";
import type { Turn } from "../turn.ts";
import { mayDo } from "./permission.ts";
import { noSuchMember, refuseOver } from "./target.ts";

/** One participant, or everybody who does not moderate. */
export function silence(turn: Turn, asker: Asker, id: string | undefined): Outcome {
  const { members } = turn.data;
  if (id === undefined) {
    for (const member of members.values()) {
      if (!mayDo(turn.data, member, "moderate")) muteMicrophones(turn, asker, member);
    }
    turn.event({ type: "moderated", did: "silence", by: asker.actor });
    return done;
  }
  const member = members.get(id);
  if (!member) return noSuchMember;
  const why = refuseOver(turn, asker, member);
  if (why) return why;
  muteMicrophones(turn, asker, member);
  note(turn, asker, "silence", member);
  return done;
}

export function askUnmute(turn: Turn, asker: Asker, id: string): Outcome {
  const member = turn.data.members.get(id);
  if (!member) return noSuchMember;
  turn.tellMember(member, { type: "notice", notice: "asked-to-unmute", by: asker.actor });
  note(turn, asker, "ask-unmute", member);
  return done;
}

export function stop(turn: Turn, asker: Asker, id: string, source: TrackSource): Outcome {
  const member = turn.data.members.get(id);
  if (!member) return noSuchMember;
  const why = refuseOver(turn, asker, member);
  if (why) return why;
  const tracks = member.face.tracks.filter((track) => track.source === source);
  if (tracks.length === 0) return done;
  const { identity, name } = member.face;
  for (const track of tracks) {
    turn.change({ change: "unpublished", id, name: track.name });
    const who = { participant: id, identity, name };
    turn.event({ type: "track-unpublished", who, track: track.name, source });
  }
  turn.send({ effect: "stop", tracks: tracks.map((track) => ({ session: track.session, name: track.name })) });
  notice(turn, member, { notice: "stopped", source, by: asker.actor });
  note(turn, asker, "stop", member, source);
  return done;
}

function muteMicrophones(turn: Turn, asker: Asker, member: Member): void {
  const open = member.face.tracks.filter(({ source, muted }) => source === "microphone" && !muted);
  if (open.length === 0) return;
  for (const { name } of open) turn.change({ change: "muted", id: member.id, name, muted: true });
  notice(turn, member, { notice: "silenced", by: asker.actor });
}

/** Told at once, and kept: a client that misses it would take its own devices for right, and undo what was done. */
function notice(turn: Turn, member: Member, told: Notice): void {
  const others = member.notices.filter((kept) => kindOf(kept.notice) !== kindOf(told));
  member.notices = [...others, { after: turn.data.state.version, notice: told }];
  turn.touch(keyOf.member(member.id));
  turn.tellMember(member, { type: "notice", ...told });
}

function kindOf(told: Notice): string {
  return told.notice === "stopped" ? told.source : told.notice;
}

/** To whoever returns with a version from before. */
export function noticeAgain(turn: Turn, member: Member, socket: SocketId, { version }: Resume): void {
  for (const { after, notice } of member.notices) {
    if (version <= after) turn.tell([socket], { type: "notice", ...notice });
  }
}

function isLent(asker: Asker): boolean {
  return asker.kind === "server" && asker.lent === true;
}

function note(turn: Turn, asker: Asker, did: string, member: Member, detail?: string): void {
  const who = { participant: member.id, identity: member.face.identity };
  turn.event({ type: "moderated", did, by: asker.actor, who, ...(detail !== undefined && { detail }) }, !isLent(asker));
}
