/** When a lost egress connection is dialled again. */

const firstDelay = 250;
const longestDelay = 4_000;

/** ms of the clock at which attempt 0, 1, 2, … begins, or undefined when it is time to give up. */
export function redialAt(attempt: number, lostAt: number, now: number, window: number): number | undefined {
  const at = now + Math.min(longestDelay, firstDelay * 2 ** attempt);
  return at < lostAt + window ? at : undefined;
}
