/**
 * `GET /:app/usage?from=2026-11-01&to=2026-11-30&by=day|session|track|adapter&session=…`: bytes sent, for the app's owner.
 *
 * Days are of UTC and both included; without them it is the last 31. The caller has checked the app's secret.
 */
import { RefusedError } from "@satsuma/protocol";
import { Hono } from "hono";
import type { Meter } from "./meter.ts";
import type { UsageBy, UsageSum } from "./store.ts";

export interface UsageAnswer {
  readonly from: string;
  readonly to: string;
  readonly by: UsageBy;
  /** Of all of it, also of what `usage` has no room for. */
  readonly bytes: number;
  readonly usage: readonly UsageSum[];
}

export interface UsageOptions {
  readonly meter: Meter;
  /** Today and the days before it, in UTC: `daysAgo(0)` is `2026-11-20`. */
  readonly daysAgo: (days: number) => string;
}

const kinds: readonly UsageBy[] = ["day", "session", "track", "adapter"];
/** Sums in one answer: about 100 kB. */
const mostSums = 1_000;
const defaultDays = 31;

export function usageRoutes({ meter, daysAgo }: UsageOptions): Hono {
  const routes = new Hono();
  routes.get("/:app/usage", (c) => {
    const from = date("from", c.req.query("from") ?? daysAgo(defaultDays - 1));
    const to = date("to", c.req.query("to") ?? daysAgo(0));
    const by = kinds.find((kind) => kind === (c.req.query("by") ?? "day"));
    if (by === undefined) throw new RefusedError("invalid_params", `by is one of ${kinds.join(", ")}.`);
    const session = c.req.query("session");
    const query = { app: c.req.param("app"), from, to, by, ...(session !== undefined && { session }) };
    meter.read();
    const answer: UsageAnswer = {
      from,
      to,
      by,
      bytes: meter.store.total(query),
      usage: meter.store.sum(query, mostSums),
    };
    return c.json(answer);
  });
  return routes;
}

function date(name: string, text: string): string {
  if (/^\d{4}-\d{2}-\d{2}$/.test(text)) return text;
  throw new RefusedError("invalid_params", `${name} is a day such as 2026-11-20.`);
}
