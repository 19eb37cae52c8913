/** A meeting's end: by a moderator, by emptiness, or on time. */
import { type Actor, type EndReason, openRules, type Refusal, refusal } from "@satsuma/protocol";
import { type Asker, done, type Outcome } from "../asker.ts";
import type { SocketId } from "../input.ts";
import { keyOf } from "../records.ts";
import type { Turn } from "../turn.ts";
import { remove } from "./leaving.ts";

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
function dismissLater(turn: Turn, socket: SocketId, over: Refusal): void {
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
  data.chatAges = [];
  for (const [poll, votes] of data.votes) {
    for (const identity of votes.keys()) turn.touch(keyOf.vote(poll, identity));
  }
  data.votes.clear();
  for (const { id } of data.state.polls) {
    turn.touch(keyOf.poll(id));
    turn.announce({ change: "poll-gone", id });
  }
  for (const id of data.departed.keys()) turn.touch(keyOf.done(id));
  data.departed.clear();
  for (const key of data.entries.keys()) turn.touch(keyOf.entry(key));
  data.entries.clear();
  data.entriesLength = 0;
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
  if (!data.kept) turn.announce({ change: "rules", rules: openRules });
  turn.announce({ change: "recording", since: null });
  turn.announce({ change: "meeting", meeting: null });
  turn.touch(keyOf.meta);
}
