/**
 * A room's one deadline: as its actor's alarm, at the price of as few writes as it can be had for, and awake.
 *
 * Deadlines move with every ping, and an alarm is a write. So an alarm that is too early is left to ring, which costs the
 * core a look, and is set anew then: about one write in ten seconds. A deadline that comes sooner than the alarm is
 * awaited in memory when it is near; if the process dies meanwhile the alarm rings a little later, and the core catches up.
 *
 * Whoever is read back has the whole time to return again, and an empty room its whole time to be come back to: it cannot
 * know how long it was gone. So a room must not sleep before such a deadline, or it would begin anew with each waking.
 */
import type { Context } from "@satsuma/durable";
import { asleep } from "./asleep.ts";

/** Milliseconds within which a deadline is awaited in memory alone. A room that restarts is at most so much late with it. */
const near = 1_000;

/** Milliseconds; a timer that is set for longer than 2^31 of them rings at once. */
const longestTimer = 24 * 3_600_000;

export class Alarm {
  readonly #context: Pick<Context, "storage" | "now" | "outside">;
  readonly #wake: () => Promise<void> | undefined;
  #next: { readonly deadline?: number | undefined; readonly vigil?: number | undefined } = {};
  #stored: number | undefined;
  /** Times that are being awaited, so that a deadline which goes away and comes back is not awaited twice. */
  readonly #awaited = new Set<number>();

  constructor(context: Pick<Context, "storage" | "now" | "outside">, wake: () => Promise<void> | undefined) {
    this.#context = context;
    this.#wake = wake;
  }

  async load(): Promise<void> {
    this.#stored = (await this.#context.storage.getAlarm()) ?? undefined;
  }

  /** To be called when the actor's alarm rings. */
  rang(): Promise<void> | undefined {
    this.#stored = undefined;
    return this.#wake();
  }

  /** `vigil` is the next deadline before which the actor must not sleep. */
  set(deadline: number | undefined, vigil: number | undefined): void {
    const { storage, now } = this.#context;
    this.#next = { deadline, vigil };
    if (deadline === undefined) {
      if (this.#stored !== undefined) void storage.deleteAlarm();
      this.#stored = undefined;
      return;
    }
    if (this.#stored === undefined || (deadline < this.#stored - near && deadline > now() + near)) {
      this.#stored = deadline;
      void storage.setAlarm(Math.max(1, deadline));
    } else if (deadline < this.#stored) this.#await(deadline);
    if (vigil !== undefined) this.#await(vigil);
  }

  #await(time: number): void {
    if (this.#awaited.has(time)) return;
    this.#awaited.add(time);
    this.#context.outside(
      () => asleep(Math.min(longestTimer, Math.max(1, time - this.#context.now()))),
      () => {
        this.#awaited.delete(time);
        const { deadline, vigil } = this.#next;
        // A timer may be a moment early, and the deadline another one by now.
        if (deadline !== undefined && deadline <= this.#context.now()) return this.#wake();
        this.set(deadline, vigil);
        return undefined;
      },
    );
  }
}
