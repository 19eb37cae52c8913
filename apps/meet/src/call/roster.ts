/** What to say aloud about who came and went. Pure: two lists of participants in, sentences out. */
import type { ParticipantView } from "@satsuma/client";
import type { Text } from "../text/en.ts";

export function rosterNews(
  before: readonly ParticipantView[],
  after: readonly ParticipantView[],
  text: Text["call"],
): string[] {
  const known = new Map(before.map((participant) => [participant.id, participant]));
  const still = new Set(after.map(({ id }) => id));
  const joined = after.filter(({ id, local }) => !known.has(id) && !local);
  const left = before.filter(({ id, local }) => !still.has(id) && !local);
  const moved = after.flatMap((participant) => {
    const earlier = known.get(participant.id);
    if (!earlier || participant.local || earlier.connection === participant.connection) return [];
    return participant.connection === "recovering" ? text.lostOne(participant.name) : text.backAgain(participant.name);
  });
  return [...several(joined, text.joined, text.othersJoined), ...several(left, text.left, text.othersLeft), ...moved];
}

function several(
  who: readonly ParticipantView[],
  one: (name: string) => string,
  many: (count: number) => string,
): string[] {
  if (who.length > 2) return [many(who.length)];
  return who.map(({ name }) => one(name));
}
