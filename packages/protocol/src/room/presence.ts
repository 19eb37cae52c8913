/**
 * What changes all the time and is worth nothing a moment later: who speaks, how well they are connected, how many
 * listen, how a vote stands.
 *
 * It has no versions. The last word about each thing counts, updates are gathered for a moment before they are sent, and
 * a snapshot brings the whole of it. Whoever leaves the room is out of it without a word.
 */
import type { Change } from "./state.ts";

/** How a participant's connection is, as it judges itself. `lost` is for media that does not flow at all. */
export type Quality = "good" | "fair" | "poor" | "lost";

export interface Presence {
  /** Ids of those who speak. */
  readonly speaking: readonly string[];
  /** By participant. Those of whom nothing is known are left out. */
  readonly quality: Readonly<Record<string, Quality>>;
  /** Listeners, who are not among the participants. */
  readonly audience: number;
  /** By poll, the count of each option of those that are open. */
  readonly tallies: Readonly<Record<string, readonly number[]>>;
}

/** What is said of itself is set; what is left out stays. */
export interface PresenceUpdate {
  /** Began to speak. */
  readonly speaking?: readonly string[] | undefined;
  /** Stopped. */
  readonly silent?: readonly string[] | undefined;
  readonly quality?: Readonly<Record<string, Quality>> | undefined;
  readonly audience?: number | undefined;
  readonly tallies?: Readonly<Record<string, readonly number[]>> | undefined;
  /** Names of those who are writing just now; good for six seconds, and no part of the presence. */
  readonly typing?: readonly string[] | undefined;
}

export const emptyPresence: Presence = { speaking: [], quality: {}, audience: 0, tallies: {} };

export function applyPresence(presence: Presence, update: PresenceUpdate): Presence {
  const { speaking = [], silent = [], quality, audience = presence.audience, tallies } = update;
  const moved = new Set([...speaking, ...silent]);
  return {
    speaking: moved.size === 0 ? presence.speaking : [...presence.speaking.filter((id) => !moved.has(id)), ...speaking],
    quality: quality ? { ...presence.quality, ...quality } : presence.quality,
    audience,
    tallies: tallies ? { ...presence.tallies, ...tallies } : presence.tallies,
  };
}

/** What a change of the state means for the presence: people and polls that are gone are out of it. */
export function settlePresence(presence: Presence, change: Change): Presence {
  if (change.change === "left") {
    const { [change.id]: _, ...quality } = presence.quality;
    return { ...presence, quality, speaking: presence.speaking.filter((id) => id !== change.id) };
  }
  const over =
    change.change === "poll-gone"
      ? change.id
      : change.change === "poll" && change.poll.result
        ? change.poll.id
        : undefined;
  if (over === undefined) return presence;
  const { [over]: _, ...tallies } = presence.tallies;
  return { ...presence, tallies };
}
