/**
 * What changes all the time: speaking, quality, typing, how many listen, how votes stand. Gathered for a moment, told to
 * everyone as one message of bounded size, and never stored.
 *
 * What does not fit waits for the next one, and whoever has fallen silent meanwhile is not mentioned at all: many people
 * talking at once cost no more than a few.
 */
import { applyPresence, type PresenceUpdate, type Quality, type Signal } from "@satsuma/protocol";
import type { Speaker } from "../asker.ts";
import type { RoomData } from "../data.ts";
import type { Turn } from "../turn.ts";

export function signal(turn: Turn, { member, grants }: Speaker, { speaking, quality, typing }: Signal): void {
  const { pending } = turn.data;
  // Listeners are not shown one by one, so there is nothing that could be said of them.
  if (member.face.role !== "listener") {
    if (speaking !== undefined) pending.speaking.set(member.id, speaking && grants.has("microphone"));
    if (quality !== undefined) {
      const before = pending.quality.get(member.id) ?? turn.data.presence.quality[member.id];
      if (quality !== before) turn.note(member.id, { note: "quality", quality });
      pending.quality.set(member.id, quality);
    }
  }
  if (typing && grants.has("chat")) pending.typing.add(member.face.name);
  arm(turn);
}

/** Somebody's dialect says of them what others say with a signal. */
export function speak(turn: Turn, id: string, speaking: boolean): void {
  turn.data.pending.speaking.set(id, speaking);
  arm(turn);
}

/** The number of listeners may be another one. */
export function countAudience(turn: Turn): void {
  const { members, state, presence } = turn.data;
  if (members.size - state.participants.length !== presence.audience) arm(turn, turn.settings.crowdWindow);
}

/** A vote was cast. */
export function tally(turn: Turn, poll: number): void {
  turn.data.pending.tallies.add(poll);
  arm(turn, turn.settings.crowdWindow);
}

/** Whoever is gone, or off stage, has nothing more to say. */
export function hush(turn: Turn, id: string): void {
  turn.data.pending.speaking.delete(id);
  turn.data.pending.quality.delete(id);
}

/** A lost socket says nothing any more, nor does who may not. */
export function fallSilent(turn: Turn, id: string): void {
  turn.data.pending.speaking.set(id, false);
  arm(turn);
}

/** How a vote stands, by option. */
export function countsOf(data: RoomData, poll: number): number[] {
  const options = data.state.polls.find(({ id }) => id === poll)?.options ?? [];
  const counts = options.map(() => 0);
  for (const { choices } of data.votes.get(poll)?.values() ?? []) {
    for (const choice of choices) counts[choice] = (counts[choice] ?? 0) + 1;
  }
  return counts;
}

/** Tells what has gathered, if its time has come. */
export function tellSignals(turn: Turn): void {
  const { data, settings, now } = turn;
  const { pending } = data;
  if (pending.at > now) return;
  const update = gather(data, settings.signalsAtOnce);
  pending.at = Number.POSITIVE_INFINITY;
  if (pending.speaking.size + pending.quality.size + pending.typing.size > 0) arm(turn);
  if (Object.keys(update).length === 0) return;
  data.presence = applyPresence(data.presence, update);
  turn.tell("everyone", { type: "signals", ...update });
}

/** The more there are to be told, the longer is gathered: what it costs to tell them stays the same. */
function arm({ data, settings, now }: Turn, window = settings.signalWindow): void {
  const affordable = (data.joined * 1000) / settings.signalRate;
  data.pending.at = Math.min(data.pending.at, now + Math.ceil(Math.max(window, affordable)));
}

function gather(data: RoomData, most: number): PresenceUpdate {
  const { pending, presence } = data;
  const known = new Set(presence.speaking);
  const talk = takeSome(pending.speaking, most, ([id, speaking]) => known.has(id) !== speaking);
  const quality = takeSome(pending.quality, most - talk.length, ([id, level]) => presence.quality[id] !== level);
  const typing = [...pending.typing].slice(0, most);
  for (const name of typing) pending.typing.delete(name);
  const speaking = talk.filter(([, speaks]) => speaks).map(([id]) => id);
  const silent = talk.filter(([, speaks]) => !speaks).map(([id]) => id);
  const audience = data.members.size - data.state.participants.length;
  // One that was closed or deleted meanwhile has its result, or nothing.
  const open = data.state.polls.filter(({ id, result }) => result === null && pending.tallies.has(id));
  pending.tallies.clear();
  return {
    ...(speaking.length > 0 && { speaking }),
    ...(silent.length > 0 && { silent }),
    ...(quality.length > 0 && { quality: Object.fromEntries(quality) as Record<string, Quality> }),
    ...(audience !== presence.audience && { audience }),
    ...(open.length > 0 && { tallies: Object.fromEntries(open.map(({ id }) => [id, countsOf(data, id)])) }),
    ...(typing.length > 0 && { typing }),
  };
}

/** Oldest first; what is no news is dropped on the way. */
function takeSome<Value>(
  from: Map<string, Value>,
  most: number,
  isNews: (entry: [string, Value]) => boolean,
): [string, Value][] {
  const taken: [string, Value][] = [];
  for (const entry of from) {
    if (taken.length >= most) break;
    from.delete(entry[0]);
    if (isNews(entry)) taken.push(entry);
  }
  return taken;
}
