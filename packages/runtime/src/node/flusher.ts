/**
 * When what was said is written to the network: everything of one turn of the event loop in one write per socket.
 *
 * A write costs a system call however little is in it. Under load, when writing took long, the next one is put off for as
 * long again, so that writing takes half of the process's time at the most and what gathers meanwhile shares its calls.
 */
export interface Flushed {
  flush(): void;
}

/** Milliseconds. Below, putting off would only add the grain of the timer. */
const worthwhile = 2;

export class Flusher {
  #dirty: Flushed[] = [];
  #isScheduled = false;
  #notBefore = 0;

  add(outlet: Flushed): void {
    this.#dirty.push(outlet);
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    const wait = this.#notBefore - performance.now();
    if (wait < 1) setImmediate(() => this.#run());
    else setTimeout(() => this.#run(), wait);
  }

  #run(): void {
    this.#isScheduled = false;
    const dirty = this.#dirty;
    this.#dirty = [];
    const began = performance.now();
    for (const outlet of dirty) outlet.flush();
    const ended = performance.now();
    this.#notBefore = ended - began < worthwhile ? 0 : 2 * ended - began;
  }
}
