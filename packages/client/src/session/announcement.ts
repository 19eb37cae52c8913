/**
 * Which command brings the room's record of my tracks closer to what I want it to say.
 *
 * Announcing is reconciling, not queueing: after any loss the next command follows from the two states, so no mute and
 * no publication can get lost between them. A mute goes first, since it is a promise to a person.
 */
import type { Command, Track } from "@satsuma/protocol";

export interface Announced extends Track {
  /**
   * It was sent on a connection that is over, and stands until the new one has it: the record of it is left alone, and none
   * is made, since the room takes no track from a session that it has lost, nor any other in the same command.
   */
  readonly stands?: true;
}

export function nextCommand(desired: readonly Announced[], recorded: readonly Track[]): Command | undefined {
  for (const record of recorded) {
    const wish = desired.find((track) => track.name === record.name);
    if (wish && same(wish, record) && wish.muted !== record.muted) {
      return { do: "mute", name: wish.name, muted: wish.muted };
    }
  }
  const missing = desired.filter(
    (wish) => !wish.stands && !recorded.some((record) => record.name === wish.name && same(wish, record)),
  );
  if (missing.length > 0) return { do: "publish", tracks: missing };
  const surplus = recorded.filter((record) => !desired.some((wish) => wish.name === record.name));
  if (surplus.length > 0) return { do: "unpublish", names: surplus.map((track) => track.name) };
  return undefined;
}

/** Whether two lists say the same, in the same order. */
export function sameTracks(a: readonly Announced[], b: readonly Announced[]): boolean {
  return a.length === b.length && a.every((track, index) => equal(track, b[index]));
}

function equal(a: Announced, b: Announced | undefined): boolean {
  return b !== undefined && a.name === b.name && a.muted === b.muted && a.stands === b.stands && same(a, b);
}

function same(a: Track, b: Track): boolean {
  return a.session === b.session && a.kind === b.kind && a.source === b.source;
}
