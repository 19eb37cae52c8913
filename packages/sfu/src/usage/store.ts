/** Where counted bytes are kept, and what can be asked of them. Only what is sent counts, as at Cloudflare. */

/** Bytes sent on one day to one session of one track. */
export interface UsageRow {
  readonly app: string;
  /** `2026-11-20`, in UTC. */
  readonly day: string;
  /** The session that received. */
  readonly session: string;
  /** `publisher's session/track name`. */
  readonly track: string;
  /** Whether the session is a WebSocket adapter's. */
  readonly adapter: boolean;
  readonly bytes: number;
}

export type UsageBy = "day" | "session" | "track" | "adapter";

export interface UsageQuery {
  readonly app: string;
  /** First and last day, both included. */
  readonly from: string;
  readonly to: string;
  readonly by: UsageBy;
  /** Of this receiving session only. */
  readonly session?: string;
}

export interface UsageSum {
  readonly name: string;
  readonly bytes: number;
}

/** Synchronous, as SQLite is on Node and in Durable Objects. */
export interface UsageStore {
  /** Adds to what is kept under the same day, session and track. */
  add(rows: readonly UsageRow[]): void;
  /** Largest first, and `most` at the most; days in their order. */
  sum(query: UsageQuery, most: number): readonly UsageSum[];
  total(query: UsageQuery): number;
}

/** What a row counts under, or undefined where the question leaves it out. */
export function nameOf(row: UsageRow, { app, from, to, by, session }: UsageQuery): string | undefined {
  if (row.app !== app || row.day < from || row.day > to) return undefined;
  if (session !== undefined && row.session !== session) return undefined;
  if (by === "adapter") return row.adapter ? row.session : undefined;
  return row[by];
}
