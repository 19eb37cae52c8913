/**
 * Those who have said a good hello, on their way into the room.
 *
 * Whoever comes is told the whole state, and everybody else that they came: a thousand who come one by one cost a
 * thousand states and half a million messages. So only the first after a quiet while comes in at once, and those that
 * follow come in together, as one version.
 */
import type { Context } from "@satsuma/durable";
import type { Hello } from "@satsuma/rooms";
import { asleep } from "./asleep.ts";
import type { Seat } from "./seats.ts";

export interface Arrival {
  readonly seat: Seat;
  readonly hello: Hello;
}

/** Milliseconds between two goings-in: too short to be felt, and long enough for some tens of a rush. */
const window = 50;

export class Arrivals {
  readonly #context: Pick<Context, "now" | "outside">;
  readonly #letIn: (arrivals: readonly Arrival[]) => Promise<void> | undefined;
  #gathered: Arrival[] = [];
  #lastAt = Number.NEGATIVE_INFINITY;

  /** `letIn` is called with those who had to wait, as an input of the actor. */
  constructor(
    context: Pick<Context, "now" | "outside">,
    letIn: (arrivals: readonly Arrival[]) => Promise<void> | undefined,
  ) {
    this.#context = context;
    this.#letIn = letIn;
  }

  /** Whether it may come in now. Otherwise it is let in with the others, and the frames of its seat wait for that. */
  pass(arrival: Arrival): boolean {
    // The clock may have been set back.
    const wait = Math.min(window, this.#lastAt + window - this.#context.now());
    if (this.#gathered.length === 0 && wait <= 0) {
      this.#lastAt = this.#context.now();
      return true;
    }
    arrival.seat.waiting = [];
    this.#gathered.push(arrival);
    if (this.#gathered.length === 1) this.#letInAfter(wait);
    return false;
  }

  #letInAfter(wait: number): void {
    this.#context.outside(
      () => asleep(Math.max(1, wait)),
      () => {
        const gathered = this.#gathered;
        this.#gathered = [];
        this.#lastAt = this.#context.now();
        return this.#letIn(gathered);
      },
    );
  }
}
