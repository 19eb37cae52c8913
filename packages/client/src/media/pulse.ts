/**
 * Whether anything comes through a media connection at all, within a second. Pure.
 *
 * Browsers call a connection up for as long as its checks are answered, also when media goes to an address that this end
 * no longer has, and notice a dead one after several seconds. What should come and does not says it sooner.
 */
export interface Look {
  /** Whether a packet of anybody's sound or picture came since the look before. */
  readonly came: boolean;
  /** Whether somebody is received who is not muted. */
  readonly expected: boolean;
}

/** `doubtful`: others may have fallen silent, or the path; whoever can should look at the path itself. */
export type Beat = "beating" | "resting" | "doubtful";

/** Milliseconds without a packet of anybody that are doubtful. Doubt costs one look at the counters, no more. */
export const doubtAfter = 500;

/** Milliseconds between two looks. No more counts when it was longer: a page that slept, or had no time, has missed nothing. */
export const lookEvery = 250;

export class Pulse {
  #heard = false;
  #silence = 0;
  #lookedAt: number | undefined;

  handle({ came, expected }: Look, now: number): Beat {
    const passed = Math.min(lookEvery, now - (this.#lookedAt ?? now));
    this.#lookedAt = now;
    if (came) this.#heard = true;
    // Of what never came nothing is known: a track that is new may need its time.
    if (came || !expected || !this.#heard) this.#silence = 0;
    else this.#silence += passed;
    if (came) return "beating";
    return this.#silence >= doubtAfter ? "doubtful" : "resting";
  }
}
