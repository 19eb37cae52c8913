/**
 * A room's one deadline as its actor's alarm, at the price of as few writes as it can be had for.
 *
 * Deadlines move with every ping, and an alarm is a write. So an alarm that is too early is left to ring, which costs the
 * core a look, and is set anew then: about one write in ten seconds. A deadline that comes sooner than the alarm is
 * awaited in memory when it is near; if the process dies meanwhile the alarm rings a little later, and the core catches up.
 */
import type { Context } from "@satsuma/durable";

/** Milliseconds within which a deadline is awaited in memory. A room that restarts is at most so much late with it. */
const near = 1_000;

export class Alarm {
  readonly #context: Pick<Context, "storage" | "now" | "outside">;
  readonly #wake: () => Promise<void> | undefined;
  #stored: number | undefined;
  #soon: number | undefined;

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

  set(deadline: number | undefined): void {
    const { storage } = this.#context;
    if (deadline === undefined) {
      if (this.#stored !== undefined) void storage.deleteAlarm();
      this.#stored = undefined;
    } else if (
      this.#stored === undefined ||
      (deadline < this.#stored - near && deadline > this.#context.now() + near)
    ) {
      this.#stored = deadline;
      void storage.setAlarm(Math.max(1, deadline));
    } else if (deadline < this.#stored) this.#await(deadline);
  }

  #await(deadline: number): void {
    if (this.#soon !== undefined && this.#soon <= deadline) return;
    this.#soon = deadline;
    const wait = Math.max(1, deadline - this.#context.now());
    const asleep = () => new Promise<void>((resolve) => setTimeout(resolve, wait));
    this.#context.outside(asleep, () => {
      if (this.#soon !== deadline) return;
      this.#soon = undefined;
      return this.#wake();
    });
  }
}
