/**
 * What members report of their own media: a sample of its quality now and then, and what its connection has become.
 *
 * It goes to the notes and to nobody else. A sample has its price in storage, so each member has a rate and the room has
 * one for all of them together; whoever is refused tries again with the next sample.
 */
import { type Noted, type Refusal, type Report, refusal } from "@satsuma/protocol";
import type { Speaker } from "../asker.ts";
import { type Bucket, take } from "../bucket.ts";
import type { Turn } from "../turn.ts";

/** Samples of one member at once: one that was just missed, one of now, one that comes early. */
export const sampleBurst = 3;
/** Changes of state of one member: twenty at once are a connection that is being rebuilt. */
const states = { rate: 1, burst: 20 };
export const stateBurst = states.burst;
/** The room's own rate holds over this many milliseconds. */
const roomWindow = 10_000;

export function report(turn: Turn, { member }: Speaker, { session, sample, states }: Report): Refusal | undefined {
  if (!sample && !states) return refusal("bad-message", "A report holds a sample, or states, or both.");
  const hasty = slowDown(turn, member.rates, sample !== undefined, states !== undefined);
  if (hasty) return hasty;
  const about = session === undefined ? {} : { session };
  if (sample) turn.note(member.id, { note: "sample", ...about, sample: rounded(sample) });
  if (states) turn.note(member.id, { note: "states", ...about, states } satisfies Noted);
  return undefined;
}

type Rates = Speaker["member"]["rates"];

function slowDown(turn: Turn, rates: Rates, sample: boolean, state: boolean): Refusal | undefined {
  const { data, settings, now } = turn;
  const perSecond = 1_000 / settings.sampleInterval;
  const burst = (settings.reportRate * roomWindow) / 1_000;
  const all = take(data.reports, settings.reportRate, burst, now);
  const samples = sample ? take(rates.samples, perSecond, sampleBurst, now) : rates.samples;
  const changes = state ? take(rates.states, states.rate, states.burst, now) : rates.states;
  const wait = Math.max(waitFor(all, settings.reportRate), waitFor(samples, perSecond), waitFor(changes, states.rate));
  if (wait > 0) return refusal("too-many-requests", "These are more reports than are kept.", { retryAfter: wait });
  data.reports = all;
  rates.samples = samples;
  rates.states = changes;
  return undefined;
}

function waitFor({ tokens }: Bucket, rate: number): number {
  return tokens >= 0 ? 0 : Math.ceil((-tokens * 1_000) / rate);
}

/** Digits that say nothing are not kept: whole numbers from a hundred on, else four places. */
function rounded<T>(value: T): T {
  if (typeof value === "number") {
    return (value >= 100 ? Math.round(value) : Math.round(value * 10_000) / 10_000) as T;
  }
  if (Array.isArray(value)) return value.map(rounded) as T;
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, rounded(each)])) as T;
}
