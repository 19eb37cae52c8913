import type { Clock } from "./clock.ts";

/** A clock that moves only when told, calling back in the order of the times asked for. */
export class HandClock implements Clock {
  #now: number;
  #waiting: { at: number; run: () => void }[] = [];

  constructor(now: number) {
    this.#now = now;
  }

  now(): number {
    return this.#now;
  }

  wake(at: number, run: () => void): () => void {
    const entry = { at, run };
    this.#waiting.push(entry);
    return () => {
      this.#waiting = this.#waiting.filter((each) => each !== entry);
    };
  }

  /** Moves on by that many milliseconds, stopping at each time asked for until what it caused has come to rest. */
  async advance(ms: number): Promise<void> {
    const end = this.#now + ms;
    await rest();
    for (let next = this.#next(end); next !== undefined; next = this.#next(end)) {
      this.#now = Math.max(this.#now, next.at);
      this.#waiting = this.#waiting.filter((each) => each !== next);
      next.run();
      await rest();
    }
    this.#now = end;
  }

  #next(end: number): { at: number; run: () => void } | undefined {
    const due = this.#waiting.filter(({ at }) => at <= end);
    return due.reduce<(typeof due)[number] | undefined>((a, b) => (a === undefined || b.at < a.at ? b : a), undefined);
  }
}

/** Microtasks alone move actors in memory; a few hundred in a row are more than one input causes. */
async function rest(): Promise<void> {
  for (let turn = 0; turn < 500; turn++) await undefined;
}
