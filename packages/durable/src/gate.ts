/**
 * The output gate: nothing an actor sends leaves before the writes it depends on are durable.
 *
 * A batch is a set of writes that become durable together, of one actor or of many. An output belongs to the last batch
 * its actor wrote into and leaves when that batch is durable; if the batch fails, it never leaves.
 */
export class Batch {
  #state: "open" | "durable" | "failed" = "open";
  #error: unknown;
  /** The first apart from the others: most batches have two outputs, and an array that grows is the larger half of each. */
  #first: Output | undefined;
  #others: Output[] | undefined;

  /** Tells the output once: at once when the batch is settled already. */
  tell(output: Output): void {
    if (this.#state !== "open") output.settled(this.#error);
    else if (this.#first === undefined) this.#first = output;
    else if (this.#others === undefined) this.#others = [output];
    else this.#others.push(output);
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
    this.#first?.settled(error);
    for (const output of this.#others ?? []) output.settled(error);
    this.#first = undefined;
    this.#others = undefined;
  }
}

/** Something that leaves when the writes before it are durable. */
export interface Output {
  /** Leaves when there is no error; with one, the writes were lost and it must not. */
  settled(error: unknown): void;
}

export class Gate implements Output {
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
    batch.tell(this);
  }

  settled(error: unknown): void {
    if (error !== undefined) this.#broken(error);
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
    if (this.#held !== undefined) this.#held.push(output);
    else if (this.#last === undefined) output.settled(undefined);
    else this.#last.tell(output);
  }
}

/** An output that simply does not leave when its writes are lost. */
export function leaving(leave: () => void): Output {
  return {
    settled(error) {
      if (error === undefined) leave();
    },
  };
}
