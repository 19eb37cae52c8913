/** A meeting's life: it begins with the first member and ends by a moderator, by emptiness, or on time. */
import { type Actor, type EndReason, openRules, refusal } from "@satsuma/protocol";
import { type Asker, done, type Outcome } from "../asker.ts";
import type { RoomData } from "../data.ts";
import { digits, keyOf } from "../records.ts";
import type { Turn } from "../turn.ts";
import { remove } from "./leaving.ts";

/** A newcomer is about to come in. */
export function begin(turn: Turn): void {
  const { data, now } = turn;
  data.emptyAt = undefined;
  if (data.state.meeting) return;
  data.last.meeting += 1;
  data.last.before = data.last.chat;
  data.running = { peak: 0, joins: 0 };
  // Unique over all the lives of a room, since no two lineages are alike.
  const id = `${data.lineage}-${digits(data.last.meeting).slice(-6)}`;
  turn.announce({ change: "meeting", meeting: { id, startedAt: now } });
  turn.touch(keyOf.meta);
  turn.event({ type: "room-started" });
}

/** Somebody came in. */
export function count(turn: Turn): void {
  const { data } = turn;
  const { peak, joins } = data.running;
  data.running = { peak: Math.max(peak, data.members.size), joins: joins + 1 };
  turn.touch(keyOf.meta);
}

/** Somebody is gone. */
export function mindEmptiness(turn: Turn): void {
  const { data, now, settings } = turn;
  if (data.members.size === 0 && data.state.meeting) data.emptyAt = now + settings.emptyFor;
}

export function end(turn: Turn, asker: Asker): Outcome {
  turn.event({ type: "moderated", did: "end", by: asker.actor });
  finish(turn, "ended", asker.actor);
  return done;
}

export function expireMeeting(turn: Turn): void {
  const { emptyAt, state } = turn.data;
  if (emptyAt !== undefined && emptyAt <= turn.now) finish(turn, "empty");
  else if (state.meeting && state.rules.endsAt !== null && state.rules.endsAt <= turn.now) finish(turn, "schedule");
}

export function meetingDeadline({ emptyAt, state }: RoomData): number {
  const endsAt = state.meeting ? state.rules.endsAt : null;
  return Math.min(emptyAt ?? Number.POSITIVE_INFINITY, endsAt ?? Number.POSITIVE_INFINITY);
}

function finish(turn: Turn, why: EndReason, by?: Actor): void {
  const { data } = turn;
  const { meeting } = data.state;
  if (!meeting) return;
  const over = refusal("ended", "The meeting is over.");
  // The sockets first: nobody is to be told one by one how everybody leaves.
  for (const [id, socket] of data.sockets) if (socket.state !== "waiting") dismissLater(turn, id, over);
  for (const member of [...data.members.values()]) remove(turn, member, "ended");
  const { peak, joins } = data.running;
  turn.event({ type: "room-ended", why, startedAt: meeting.startedAt, peak, joins, ...(by && { by }) });
  forget(turn);
}

/** Whoever ended it gets the answer before the close. */
function dismissLater(turn: Turn, socket: number, over: ReturnType<typeof refusal>): void {
  turn.unseat(socket);
  turn.afterwards({ effect: "send", to: [socket], message: { type: "error", ...over } });
  turn.afterwards({ effect: "close", to: socket, reason: over.code });
}

/** What belongs to the meeting goes with it; rules, bans and the log of events stay. */
function forget(turn: Turn): void {
  const { data, settings } = turn;
  const first = Math.max(data.last.before, data.last.chat - settings.chatKept) + 1;
  for (let seq = first; seq <= data.last.chat; seq++) turn.touch(keyOf.chat(seq));
  data.chat.clear();
  for (const [poll, votes] of data.votes) {
    for (const identity of votes.keys()) turn.touch(keyOf.vote(poll, identity));
  }
  data.votes.clear();
  for (const { id } of data.state.polls) {
    turn.touch(keyOf.poll(id));
    turn.announce({ change: "poll-gone", id });
  }
  for (const key of data.entries.keys()) turn.touch(keyOf.entry(key));
  data.entries.clear();
  for (const [identity, { banned }] of data.people) {
    turn.touch(keyOf.person(identity));
    if (banned) data.people.set(identity, { banned });
    else data.people.delete(identity);
  }
  data.emptyAt = undefined;
  data.last.before = data.last.chat;
  data.told.length = 0;
  // A room that nobody made is as new for whoever comes next; one that was made keeps its house rules.
  if (!data.kept) data.passcode = undefined;
  const rules = data.kept ? { ...data.state.rules, endsAt: null } : openRules;
  turn.announce({ change: "rules", rules });
  turn.announce({ change: "recording", since: null });
  turn.announce({ change: "meeting", meeting: null });
  turn.touch(keyOf.meta);
}
