/**
 * Time in the hand: what is to happen, in order, and one thing after another.
 *
 * A step is one callback with everything that follows from it without waiting: promises are run to their end before the
 * next step, so that a life depends on its seed alone.
 */
export interface Planned {
  readonly at: number;
  readonly order: number;
  readonly run: () => void;
  cancelled: boolean;
}

/** Node's own, before a page's timers take its place. */
const afterPromises = setImmediate;

export class Clock {
  now = 0;
  /** A heap: the next one first. */
  readonly #planned: Planned[] = [];
  #order = 0;
  /** Steps so far. */
  steps = 0;

  plan(after: number, run: () => void): Planned {
    this.#order += 1;
    const planned = { at: this.now + Math.max(0, after), order: this.#order, run, cancelled: false };
    const heap = this.#planned;
    heap.push(planned);
    for (let at = heap.length - 1; at > 0; ) {
      const parent = (at - 1) >> 1;
      if (!this.#swapIfLater(parent, at)) break;
      at = parent;
    }
    return planned;
  }

  /** Lets time pass until `until`; ends before, once `stop` says so after a step. */
  async run(until: number, stop: () => boolean = () => false): Promise<void> {
    await new Promise((resolve) => afterPromises(resolve));
    for (;;) {
      const next = this.#planned[0];
      if (next === undefined || next.at > until) break;
      this.#takeFirst();
      if (next.cancelled) continue;
      this.now = next.at;
      this.steps += 1;
      next.run();
      await new Promise((resolve) => afterPromises(resolve));
      if (stop()) return;
    }
    this.now = Math.max(this.now, until);
  }

  #takeFirst(): void {
    const heap = this.#planned;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    heap[0] = last;
    for (let at = 0; ; ) {
      const left = 2 * at + 1;
      const [a, b] = [heap[left], heap[left + 1]];
      if (a === undefined) return;
      const child = b !== undefined && isBefore(b, a) ? left + 1 : left;
      if (!this.#swapIfLater(at, child)) return;
      at = child;
    }
  }

  #swapIfLater(parent: number, child: number): boolean {
    const heap = this.#planned;
    const [a, b] = [heap[parent], heap[child]];
    if (a === undefined || b === undefined || isBefore(a, b)) return false;
    heap[parent] = b;
    heap[child] = a;
    return true;
  }
}

function isBefore(a: Planned, b: Planned): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}
