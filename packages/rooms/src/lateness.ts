/**
 * A room that is woken late has stood still, and its process with it: what people said meanwhile still waits to be read.
 * So it listens for a while before it takes anybody for gone.
 */

/** Milliseconds by which a timer of a busy process may be late without anything else being. */
const usual = 100;

/** `since` when a room has been listening, and `until` when, in milliseconds; both undefined while it has no reason to. */
export interface Listening {
  since: number | undefined;
  until: number | undefined;
}

/**
 * Those whose time was over at this time or before may be taken for gone now; undefined: nobody. `due` is when it was time to
 * ask. Whoever asks late is to ask again at `until`, `pause` milliseconds later, and by then may judge those who were due when
 * it began to listen, however late it is again, or a process that is always late would keep everybody.
 */
export function judgedUntil(listening: Listening, due: number, now: number, pause: number): number | undefined {
  const { since, until = due } = listening;
  if (now < until) return undefined;
  const late = now - Math.max(until, due) > usual;
  listening.since = late ? now : undefined;
  listening.until = late ? now + pause : undefined;
  return late ? since : now;
}

/** Whether somebody should have been looked at before now: nobody is to be judged on another occasion either. */
export function isLate({ until }: Listening, due: number, now: number): boolean {
  return until !== undefined || now - due > usual;
}

/** When to look at those whose time is over at `due`. */
export function judgedAt({ until }: Listening, due: number): number {
  return Math.max(due, until ?? due);
}
