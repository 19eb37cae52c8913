import type { Room } from "../src/index.ts";

/** What must outlive the process, of a room as it is. */
export function durable(room: Room) {
  const { version: _, participants, ...state } = room.state;
  const people = room.people().map((face) => ({ ...face, connection: "recovering" }));
  const records = room.records().filter(([key]) => /^(deeds$|(person|revoked|chat|poll|vote|kv|member):)/.test(key));
  return JSON.parse(
    JSON.stringify({
      state,
      stage: participants.map(({ id }) => id),
      people: people.sort((a, b) => (a.id < b.id ? -1 : 1)),
      sessions: people.map(({ id }) => room.sessionsOf(id)),
      audience: people.length - participants.length,
      records: Object.fromEntries(records.map(([key, value]) => [key, withoutConnection(value)])),
    }),
  );
}

function withoutConnection(value: unknown): unknown {
  if (typeof value !== "object" || value === null || !("face" in value)) return value;
  return { ...value, face: { ...(value.face as object), connection: "recovering" } };
}
