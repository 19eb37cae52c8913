/**
 * Messages that are too old: nobody reads them any more, and soon after that they are deleted.
 *
 * Only the newest messages are in memory, so the room remembers from which number on they are how old, in steps of a
 * twenty-fourth of the time for which they are kept.
 */
import type { RoomData } from "../data.ts";
import { keyOf } from "../records.ts";
import type { RoomSettings } from "../settings.ts";
import type { Turn } from "../turn.ts";

const steps = 24;

/** A message was said. */
export function noteAge(turn: Turn, seq: number): void {
  const { data, settings, now } = turn;
  const newest = data.chatAges.at(-1);
  if (newest !== undefined && now - newest.at < settings.chatFor / steps) return;
  const until = Math.max(newest?.at ?? 0, lastSaid(data, seq));
  const closed = data.chatAges.map((age) => (age === newest ? { ...age, until } : age));
  data.chatAges = [...closed, { seq, at: now }];
  turn.touch(keyOf.meta);
}

export function isTooOld(at: number, { settings, now }: Turn): boolean {
  return at + settings.chatFor <= now;
}

export function chatDeadline(data: RoomData, settings: RoomSettings): number {
  return data.chatAges.length === 0 ? Number.POSITIVE_INFINITY : endOfOldest(data) + settings.chatFor;
}

export function expireChat(turn: Turn): void {
  const { data, settings, now } = turn;
  while (chatDeadline(data, settings) <= now) {
    const [oldest, next] = data.chatAges;
    const first = Math.max(oldest?.seq ?? 0, data.last.before + 1, data.last.chat - settings.chatKept + 1);
    const end = next?.seq ?? data.last.chat + 1;
    for (let seq = first; seq < end; seq++) {
      data.chat.delete(seq);
      turn.touch(keyOf.chat(seq));
    }
    data.chatAges = data.chatAges.slice(1);
    turn.touch(keyOf.meta);
  }
}

/** When the last message of the oldest step was said, at the latest. */
function endOfOldest(data: RoomData): number {
  const [oldest] = data.chatAges;
  return oldest?.until ?? Math.max(oldest?.at ?? 0, lastSaid(data, Number.POSITIVE_INFINITY));
}

/** When the newest message with a lower number was said. */
function lastSaid({ chat }: RoomData, before: number): number {
  return [...chat.values()].findLast(({ seq }) => seq < before)?.at ?? 0;
}
