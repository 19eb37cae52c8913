/**
 * Shared entries: a small key-value store of the room for apps. A write may demand a revision, so that two writers do not
 * undo each other unknowingly; whoever watches a prefix is told what is written there.
 */
import { type Entry, type JsonValue, limits } from "@satsuma/protocol";
import { brought, done, type Outcome, refused, type Speaker } from "../asker.ts";
import type { Member } from "../data.ts";
import type { SocketId } from "../input.ts";
import { keyOf } from "../records.ts";
import type { Turn } from "../turn.ts";

export function set(turn: Turn, key: string, value: JsonValue, condition: number | undefined): Outcome {
  const { data, settings } = turn;
  const stale = refuseStale(turn, key, condition);
  if (stale) return stale;
  const size = JSON.stringify(value).length;
  const before = data.entries.get(key);
  if (size > settings.entryLength) return refused("too-large", `A value may have ${settings.entryLength} characters.`);
  const all = data.entriesLength - (before?.size ?? 0) + size;
  if ((!before && data.entries.size >= settings.entries) || all > settings.entriesLength) {
    return refused("limit-reached", "This room holds no more entries.");
  }
  data.last.revision += 1;
  const { revision } = data.last;
  data.entries.set(key, { value, revision, size });
  data.entriesLength = all;
  turn.touch(keyOf.entry(key));
  tellWatchers(turn, key, { set: [{ key, value, revision }], gone: [] });
  return brought({ of: "set", revision });
}

export function unset(turn: Turn, key: string, condition: number | undefined): Outcome {
  const { data } = turn;
  const stale = refuseStale(turn, key, condition);
  if (stale) return stale;
  const before = data.entries.get(key);
  if (!before) return done;
  data.entries.delete(key);
  data.entriesLength -= before.size;
  // The revision must not be given again to another value of this key.
  data.last.revision += 1;
  turn.touch(keyOf.entry(key), keyOf.meta);
  tellWatchers(turn, key, { set: [], gone: [key] });
  return done;
}

/** The answer brings what is there; a client that comes back watches again. */
export function watch(turn: Turn, { member }: Speaker, prefix: string): Outcome {
  const most = Math.min(turn.settings.watches, limits.watches);
  if (!member.watching.has(prefix) && member.watching.size >= most) {
    return refused("limit-reached", `A member may watch ${most} prefixes.`);
  }
  member.watching.add(prefix);
  turn.data.watchers.add(member);
  const entries: Entry[] = [];
  for (const [key, { value, revision }] of turn.data.entries) {
    if (key.startsWith(prefix)) entries.push({ key, value, revision });
  }
  return brought({ of: "watch", entries });
}

export function unwatch(turn: Turn, { member }: Speaker, prefix: string): Outcome {
  member.watching.delete(prefix);
  if (member.watching.size === 0) turn.data.watchers.delete(member);
  return done;
}

/** Whoever comes back asks again. */
export function watchNoMore({ data }: Turn, member: Member): void {
  member.watching.clear();
  data.watchers.delete(member);
}

function refuseStale(turn: Turn, key: string, condition: number | undefined): Outcome | undefined {
  const current = turn.data.entries.get(key)?.revision ?? 0;
  if (condition === undefined || condition === current) return undefined;
  return refused("conflict", "The entry has changed since.", { current });
}

function tellWatchers(
  turn: Turn,
  key: string,
  change: { readonly set: readonly Entry[]; readonly gone: readonly string[] },
): void {
  const sockets: SocketId[] = [];
  for (const { place, watching } of turn.data.watchers) {
    if (place.state !== "connected") continue;
    for (const prefix of watching) {
      if (!key.startsWith(prefix)) continue;
      sockets.push(place.socket);
      break;
    }
  }
  turn.tell(sockets, { type: "entries", ...change });
}
