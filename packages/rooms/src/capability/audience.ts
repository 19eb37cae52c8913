/** Listeners, by the page: the one place where they are told by name. */
import { personOf } from "@satsuma/protocol";
import { brought, type Outcome } from "../asker.ts";
import type { Turn } from "../turn.ts";

/** In the order of joining. A page whose last one has left meanwhile is followed from the beginning. */
export function listAudience({ data }: Turn, after: string | undefined, limit: number): Outcome {
  const from = (after !== undefined && data.members.get(after)?.order) || 0;
  const people = [];
  for (const { face, order } of data.members.values()) {
    if (face.role !== "listener" || order <= from) continue;
    people.push({ order, person: personOf(face) });
  }
  people.sort((a, b) => a.order - b.order);
  const page = people.slice(0, limit).map(({ person }) => person);
  return brought({ of: "list-audience", people: page, more: people.length > limit });
}
