/**
 * A token bucket as a value: `rate` tokens a second up to `burst`, one taken per act. It may go into debt, so that
 * somebody who keeps on after being refused can be told from somebody who was hasty once.
 */
export interface Bucket {
  readonly tokens: number;
  /** When `tokens` was right, in milliseconds. */
  readonly at: number;
}

export function fullBucket(burst: number, now: number): Bucket {
  return { tokens: burst, at: now };
}

/** The bucket after one more act of so many tokens; it is within the rate if `tokens` is not below zero. */
export function take(bucket: Bucket, rate: number, burst: number, now: number, cost = 1): Bucket {
  const earned = (Math.max(0, now - bucket.at) * rate) / 1000;
  return { tokens: Math.min(burst, bucket.tokens + earned) - cost, at: now };
}
