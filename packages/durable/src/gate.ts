/**
 * The output gate: nothing an actor sends leaves before the writes it depends on are durable.
 *
 * A batch is a set of writes that become durable together, of one actor or of many. An output belongs to the last batch
 * its actor wrote into and leaves when that batch is durable; if the batch fails, it never leaves.
 */
export class Batch {
  #state: "open" | "durable" | "failed" = "open";
  #error: unknown;
  #waiting: ((error: unknown) => void)[] = [];

  /** Calls back once: with undefined when durable, with the error otherwise. */
  whenSettled(callback: (error: unknown) => void): void {
    if (this.#state === "open") this.#waiting.push(callback);
    else callback(this.#error);
  }

  get isSettled(): boolean {
    return this.#state !== "open";
  }

  durable(): void {
    this.#settle("durable", undefined);
  }

  failed(error: unknown): void {
    this.#settle("failed", error);
  }

  #settle(state: "durable" | "failed", error: unknown): void {
    if (this.#state !== "open") return;
    this.#state = state;
    this.#error = error;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const callback of waiting) callback(error);
  }
}

/** What leaves, and what happens instead when its writes were lost. */
export interface Output {
  leave(): void;
  lost?(error: unknown): void;
}

export class Gate {
  readonly #broken: (error: unknown) => void;
  #last: Batch | undefined;
  /** Outputs made while a transaction is open: their batch is not known before it ends. */
  #held: Output[] | undefined;

  /** `broken` hears of a lost batch before any of its outputs does. */
  constructor(broken: (error: unknown) => void) {
    this.#broken = broken;
  }

  /** The actor wrote into this batch. */
  wrote(batch: Batch): void {
    if (batch === this.#last) return;
    this.#last = batch;
    batch.whenSettled((error) => {
      if (error !== undefined) this.#broken(error);
    });
  }

  hold(): void {
    this.#held ??= [];
  }

  unhold(): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    for (const output of held) this.pass(output);
  }

  pass(output: Output): void {
    if (this.#held !== undefined) {
      this.#held.push(output);
      return;
    }
    const batch = this.#last;
    if (batch === undefined) output.leave();
    else batch.whenSettled((error) => settle(output, error));
  }
}

function settle(output: Output, error: unknown): void {
  if (error === undefined) output.leave();
  else output.lost?.(error);
}
