/** Usage in a SQLite file: one row for each day, session and track, for as long as `retention` says. */
import { DatabaseSync } from "node:sqlite";
import type { UsageBy, UsageQuery, UsageStore } from "@satsuma/sfu";

/** Days in UTC: `2026-11-20`. */
export function daysAgo(days: number, now = Date.now()): string {
  return new Date(now - days * 86_400_000).toISOString().slice(0, 10);
}

export interface KeptUsage extends UsageStore {
  close(): void;
}

/** Days that rows are kept: three months, so that the last invoice can be explained. */
const defaultRetention = 92;

const columns: Readonly<Record<UsageBy, string>> = {
  day: "day",
  session: "session",
  track: "track",
  adapter: "session",
};

export function openUsage(path: string, retention = defaultRetention): KeptUsage {
  const database = new DatabaseSync(path);
  // What a crash of the machine may lose is less than what a reading of the counters does.
  database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA busy_timeout = 5000");
  database.exec(
    `CREATE TABLE IF NOT EXISTS usage (
      app TEXT, day TEXT, session TEXT, track TEXT, adapter INTEGER NOT NULL, bytes INTEGER NOT NULL,
      PRIMARY KEY (app, day, session, track)
    ) STRICT, WITHOUT ROWID`,
  );
  const put = database.prepare(
    "INSERT INTO usage (app, day, session, track, adapter, bytes) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET bytes = bytes + excluded.bytes",
  );
  const expire = database.prepare("DELETE FROM usage WHERE day < ?");
  let expiredOn = "";
  const where = ({ by, session }: UsageQuery) =>
    `WHERE app = ? AND day BETWEEN ? AND ?${session === undefined ? "" : " AND session = ?"}${by === "adapter" ? " AND adapter = 1" : ""}`;
  const values = ({ app, from, to, session }: UsageQuery) => [
    app,
    from,
    to,
    ...(session === undefined ? [] : [session]),
  ];
  return {
    add(rows) {
      database.exec("BEGIN IMMEDIATE");
      try {
        for (const row of rows) put.run(row.app, row.day, row.session, row.track, Number(row.adapter), row.bytes);
        database.exec("COMMIT");
      } catch (error) {
        database.exec("ROLLBACK");
        throw error;
      }
      const today = rows[0]?.day ?? expiredOn;
      if (today === expiredOn) return;
      expiredOn = today;
      expire.run(daysAgo(retention, Date.parse(today)));
    },
    sum(query, most) {
      const column = columns[query.by];
      const order = query.by === "day" ? "name" : "bytes DESC, name";
      return database
        .prepare(
          `SELECT ${column} AS name, SUM(bytes) AS bytes FROM usage ${where(query)} GROUP BY ${column} ORDER BY ${order} LIMIT ?`,
        )
        .all(...values(query), most)
        .map(({ name, bytes }) => ({ name: String(name), bytes: Number(bytes) }));
    },
    total(query) {
      const sum = database.prepare(`SELECT TOTAL(bytes) AS bytes FROM usage ${where(query)}`).get(...values(query));
      return Number(sum?.bytes ?? 0);
    },
    close: () => database.close(),
  };
}
