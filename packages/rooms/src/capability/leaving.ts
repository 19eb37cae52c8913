/** Leaving of one's own will, and the one way in which a member stops being one. */

import type { LeaveReason } from "@satsuma/protocol";
import { done, type Outcome, type Speaker } from "../asker.ts";
import type { Member } from "../data.ts";
import { dropMember } from "../devices.ts";
import { keyOf } from "../records.ts";
import type { Turn } from "../turn.ts";
import { mindEmptiness } from "./meeting.ts";
import { putDown } from "./raising.ts";
import { keepAnswers } from "./repeating.ts";
import { countAudience, hush } from "./signalling.ts";

export function leave(turn: Turn, speaker: Speaker): Outcome {
  remove(turn, speaker.member, "left");
  turn.unseat(speaker.socket);
  turn.afterwards({ effect: "close", to: speaker.socket, reason: "left" });
  return done;
}

/** Their socket, if they have one, is the caller's to close. */
export function remove(turn: Turn, member: Member, why: LeaveReason): void {
  const { data, now } = turn;
  const { id, face } = member;
  putDown(turn, id);
  hush(turn, id);
  dropMember(data, member);
  if (why === "timed-out") keepAnswers(turn, member);
  turn.touch(keyOf.member(id), keyOf.done(id));
  for (const session of member.sessions) data.owners.delete(session);
  if (member.sessions.length > 0) turn.send({ effect: "release", sessions: member.sessions });
  if (face.role === "listener") countAudience(turn);
  else turn.announce({ change: "left", id, why });
  const who = { participant: id, identity: face.identity, name: face.name };
  for (const { name, source } of face.tracks) turn.event({ type: "track-unpublished", who, track: name, source });
  turn.event({ type: "participant-left", who, why, stayed: now - face.joinedAt });
  mindEmptiness(turn);
}
