/**
 * Commands that come twice. A client whose socket was lost cannot know whether its last commands arrived, so it sends
 * them again; one that was done is answered as it was then, and not done again.
 *
 * An answer is stored with what it answers, so that this holds over a crash as well.
 */
import type { Speaker } from "../asker.ts";
import type { CommandAnswer, Done, Member } from "../data.ts";
import { keyOf } from "../records.ts";
import type { Turn } from "../turn.ts";

/** The answer of before, if this command has been done. */
export function answerOf({ member, id }: Speaker): CommandAnswer | undefined {
  return member.done.answers.find((answer) => answer.id === id);
}

/** An answer that only reads is not kept: asking again does no harm, and pages are large. */
export function remember(turn: Turn, { member }: Speaker, answer: CommandAnswer): void {
  if (member.done.client === undefined) return;
  if (!turn.dirty && answer.type === "ack" && answer.result) return;
  const answers = [...member.done.answers.slice(1 - turn.settings.answersKept), answer];
  member.done = { ...member.done, answers };
  if (turn.dirty && turn.data.members.has(member.id)) turn.touch(keyOf.done(member.id));
}

/** Whose time is over may still come back, and repeat what they do not know to be done. */
export function keepAnswers(turn: Turn, { id, done }: Member): void {
  if (done.answers.length === 0) return;
  const { departed } = turn.data;
  departed.set(id, done);
  const [oldest] = departed.keys();
  if (departed.size <= turn.settings.departed || oldest === undefined) return;
  departed.delete(oldest);
  turn.touch(keyOf.done(oldest));
}

export function takeAnswers(turn: Turn, id: string): Done {
  const { departed } = turn.data;
  const done = departed.get(id) ?? { client: undefined, answers: [] };
  departed.delete(id);
  return done;
}
