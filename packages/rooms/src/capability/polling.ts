/** Polls: one vote a person, which may be changed while the poll is open. How it stands is a signal; its result is a fact. */
import { type Asker, brought, done, may, type Outcome, refused, type Speaker } from "../asker.ts";
import type { Vote } from "../data.ts";
import { keyOf } from "../records.ts";
import type { Turn } from "../turn.ts";
import { countsOf, tally } from "./signalling.ts";

interface Asked {
  readonly question: string;
  readonly options: readonly string[];
  readonly anonymous: boolean;
  readonly multiple: boolean;
}

export function ask(turn: Turn, asker: Asker, { question, options, anonymous, multiple }: Asked): Outcome {
  const { data, settings } = turn;
  if (data.state.polls.length >= settings.polls) return refused("limit-reached", "This meeting has enough polls.");
  data.last.poll += 1;
  const id = data.last.poll;
  data.votes.set(id, new Map());
  const by = asker.actor.identity;
  turn.announce({ change: "poll", poll: { id, question, options, anonymous, multiple, by, result: null } });
  turn.touch(keyOf.poll(id));
  tally(turn, id);
  return brought({ of: "poll", poll: id });
}

export function vote(turn: Turn, { member }: Speaker, id: number, choices: readonly number[]): Outcome {
  const poll = find(turn, id);
  const votes = turn.data.votes.get(id);
  if (!poll || !votes) return noSuchPoll;
  if (poll.result) return refused("not-allowed", "This poll is closed.");
  const unique = [...new Set(choices)].sort((a, b) => a - b);
  if (unique.some((choice) => choice >= poll.options.length) || (unique.length > 1 && !poll.multiple)) {
    return refused("bad-message", "That cannot be chosen in this poll.");
  }
  const { identity, name } = member.face;
  if (unique.length === 0) votes.delete(identity);
  else votes.set(identity, { name, choices: unique });
  turn.touch(keyOf.vote(id, identity));
  tally(turn, id);
  return done;
}

export function closePoll(turn: Turn, asker: Asker, id: number): Outcome {
  const poll = find(turn, id);
  if (!poll) return noSuchPoll;
  if (!owns(asker, poll.by)) return notYours;
  if (poll.result) return done;
  turn.announce({ change: "poll", poll: { ...poll, result: countsOf(turn.data, id) } });
  turn.touch(keyOf.poll(id));
  return done;
}

export function deletePoll(turn: Turn, asker: Asker, id: number): Outcome {
  const poll = find(turn, id);
  if (!poll) return noSuchPoll;
  if (!owns(asker, poll.by)) return notYours;
  for (const identity of turn.data.votes.get(id)?.keys() ?? []) turn.touch(keyOf.vote(id, identity));
  turn.data.votes.delete(id);
  turn.announce({ change: "poll-gone", id });
  turn.touch(keyOf.poll(id), keyOf.meta);
  return done;
}

/** For whoever asked, and moderators. Nobody learns it of an anonymous poll. */
export function listVotes(turn: Turn, asker: Asker, id: number, after: string | undefined, limit: number): Outcome {
  const poll = find(turn, id);
  const votes = turn.data.votes.get(id);
  if (!poll || !votes) return noSuchPoll;
  if (poll.anonymous || !owns(asker, poll.by)) return refused("not-allowed", "Who voted for what is not told.");
  const all = [...votes]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .filter(([identity]) => after === undefined || identity > after);
  const some = all
    .slice(0, limit)
    .map(([identity, { name, choices }]: [string, Vote]) => ({ identity, name, choices }));
  return brought({ of: "list-votes", votes: some, more: all.length > limit });
}

const noSuchPoll: Outcome = refused("not-found", "There is no such poll.");
const notYours: Outcome = refused("not-allowed", "This poll is somebody else's.");

function find({ data }: Turn, id: number) {
  return data.state.polls.find((poll) => poll.id === id);
}

function owns(asker: Asker, by: string): boolean {
  return asker.actor.identity === by || may(asker, "moderate");
}
