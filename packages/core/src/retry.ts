/** When to try again, as a pure policy: attempt in, delay out. */
export interface RetryPolicy {
  /** Milliseconds to wait before attempt `attempt` (2 is the first repetition), or undefined to give up. */
  delay(attempt: number, random: () => number): number | undefined;
}

export const never: RetryPolicy = { delay: () => undefined };

export interface BackoffOptions {
  /** Attempts in all, the first included. */
  readonly attempts: number;
  /** ms before the second attempt. */
  readonly first: number;
  /** ms; the delay doubles up to here. */
  readonly longest: number;
}

/** Doubling delays with full jitter below them, so that many clients do not come back in the same instant. */
export function backoff(options: BackoffOptions): RetryPolicy {
  return {
    delay(attempt, random) {
      if (attempt > options.attempts) return undefined;
      const ceiling = Math.min(options.longest, options.first * 2 ** (attempt - 2));
      return ceiling / 2 + (random() * ceiling) / 2;
    },
  };
}
