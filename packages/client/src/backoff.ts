/** How long to wait before trying again: context in, decision out. Replace it to change the client's patience. */
export interface RetryContext {
  /** Failed tries in a row, 1 for the first. */
  readonly failures: number;
  /** Whether it ever worked: a first join that fails should be told to the person soon, a lost one should be kept up. */
  readonly worked: boolean;
}

/** Milliseconds to wait, or undefined to give up. */
export type RetryPolicy = (context: RetryContext) => number | undefined;

export interface BackoffOptions {
  /** Milliseconds before the second try; doubled with each further one. Default 250. */
  readonly base?: number;
  /** The most milliseconds between two tries. Default 8000. */
  readonly cap?: number;
  /** Tries before giving up when it never worked. Default 4. */
  readonly firstTries?: number;
  /** From 0 up to 1. Default `Math.random`. */
  readonly random?: () => number;
}

/**
 * Exponential, with half of each wait drawn by chance so that a room full of people does not come back in one moment.
 * The first retry follows within 100 ms; something that once worked is tried for as long as the room is wanted.
 */
export function backoff(options: BackoffOptions = {}): RetryPolicy {
  const { base = 250, cap = 8000, firstTries = 4, random = Math.random } = options;
  return ({ failures, worked }) => {
    if (!worked && failures >= firstTries) return undefined;
    if (failures <= 1) return Math.round(100 * random());
    const wait = Math.min(cap, base * 2 ** (failures - 2));
    return Math.round(wait / 2 + (wait / 2) * random());
  };
}
