/**
 * What came in one turn of the event loop, passed on at its end: to one subscriber all of it, and then to the next.
 *
 * Sending needs some kilobytes for each subscriber, from its numbers down to the keys of its transport, and fifty subscribers
 * need more than the cache next to the core holds. Whoever gets several packets in a row is fetched once. A server with time
 * left finds one packet in a turn, which then waits for nothing.
 */
import type { Publication } from "./publication.ts";

export interface TurnShell {
  readonly now: () => number;
  /** Calls back at the end of the turn; undefined: every packet is passed on as it comes. */
  readonly afterTurn: ((step: () => void) => void) | undefined;
  /** All that came has gone on. */
  readonly done: () => void;
  /** Passing on what came of this publication threw. */
  readonly failed: (publication: Publication) => void;
}

export class Turn {
  /** Publications with packets to pass on; undefined where they go on as they come. */
  readonly due: Set<Publication> | undefined;
  readonly #shell: TurnShell;
  #awaited = false;

  constructor(shell: TurnShell) {
    this.#shell = shell;
    this.due = shell.afterTurn && new Set();
  }

  /** A packet came. */
  came(): void {
    const { afterTurn, done } = this.#shell;
    if (afterTurn === undefined) {
      done();
      return;
    }
    if (this.#awaited) return;
    this.#awaited = true;
    afterTurn(() => this.#end());
  }

  #end(): void {
    this.#awaited = false;
    for (const publication of this.due ?? []) {
      this.due?.delete(publication);
      try {
        publication.passOn(this.#shell.now);
      } catch (error) {
        this.#shell.failed(publication);
        // The others go on, and whoever called hears of it.
        this.came();
        throw error;
      }
    }
    this.#shell.done();
  }
}
