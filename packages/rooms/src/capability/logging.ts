/**
 * How much one person has written into the log of events, from all their devices and over all their stays: every event
 * goes to webhooks and pushes out an older one.
 *
 * What ends something is never refused, so it is paid for together with what began it. Of what moderators and the server
 * do to others nothing is counted.
 */
import { type Refusal, refusal } from "@satsuma/protocol";
import { type Bucket, fullBucket, take } from "../bucket.ts";
import type { Turn } from "../turn.ts";

/** Events of something that will end: a stay, a track, a recording. */
export const andItsEnd = 2;

/** Why so many events of this person are too many just now; undefined when they are not. */
export function refuseEvents(turn: Turn, identity: string, count: number): Refusal | undefined {
  const { tokens } = after(turn, identity, count);
  if (count === 0 || tokens >= 0) return undefined;
  const { eventRate } = turn.settings;
  const retryAfter = Math.ceil((-tokens * 1000) / eventRate);
  const message = `What one person does may make ${eventRate} events a second.`;
  return refusal("too-many-requests", message, { retryAfter });
}

export function countEvents(turn: Turn, identity: string, count: number): void {
  const { data, settings, now } = turn;
  const { logged } = data;
  const bucket = after(turn, identity, count);
  // Whoever wrote last is last.
  const known = logged.delete(identity);
  logged.set(identity, bucket);
  if (known) return;
  const full = (settings.eventBurst * 1000) / settings.eventRate;
  for (const [other, { at }] of logged) {
    if (at + full > now && logged.size <= settings.acquainted) break;
    logged.delete(other);
  }
}

function after({ data, settings, now }: Turn, identity: string, count: number): Bucket {
  const { eventRate, eventBurst } = settings;
  return take(data.logged.get(identity) ?? fullBucket(eventBurst, now), eventRate, eventBurst, now, count);
}
