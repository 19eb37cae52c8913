/**
 * Usage that is forgotten with the process. Bounded: beyond `mostRows`, the oldest rows are folded into one for each app
 * and day, so that totals stay right and only the detail is lost.
 */
import { nameOf, type UsageQuery, type UsageRow, type UsageStore } from "./store.ts";

/** Rows of about 300 bytes. */
const defaultMostRows = 50_000;
const folded = "other";

export function memoryUsage(mostRows = defaultMostRows): UsageStore {
  const rows = new Map<string, UsageRow>();
  const add = (row: UsageRow) => {
    const key = [row.app, row.day, row.session, row.track].join("\n");
    rows.set(key, { ...row, bytes: row.bytes + (rows.get(key)?.bytes ?? 0) });
  };
  const sums = (query: UsageQuery) => {
    const found = new Map<string, number>();
    for (const row of rows.values()) {
      const name = nameOf(row, query);
      if (name !== undefined) found.set(name, (found.get(name) ?? 0) + row.bytes);
    }
    return [...found].map(([name, bytes]) => ({ name, bytes }));
  };
  return {
    add(more) {
      for (const row of more) add(row);
      for (const [key, row] of rows) {
        if (rows.size <= mostRows) return;
        if (row.session === folded) continue;
        rows.delete(key);
        add({ ...row, session: folded, track: folded, adapter: false });
      }
    },
    sum(query, most) {
      const order = (a: { name: string; bytes: number }, b: { name: string; bytes: number }) =>
        query.by === "day" ? (a.name < b.name ? -1 : 1) : b.bytes - a.bytes;
      return sums(query).sort(order).slice(0, most);
    },
    total: (query) => sums(query).reduce((all, { bytes }) => all + bytes, 0),
  };
}
