/** What the SFU asks a publisher for again, and whether it waits for the answer before it asks once more. */
import type { Control } from "./control.ts";

export class Asks {
  /** Packets that were asked for, and how often in all. */
  packets = 0;
  requests = 0;
  /** Requests that were repeated before an answer could have come. */
  early = 0;
  readonly #askedAt = new Map<string, number>();

  /** `roundTrip` is the ms before which no answer can come. */
  heard(control: Control, roundTrip: number, now: number): void {
    if (control.type !== "nack") return;
    for (const sequence of control.sequences) {
      const key = `${control.ssrc} ${sequence}`;
      const before = this.#askedAt.get(key);
      this.#askedAt.set(key, now);
      this.requests += 1;
      if (before === undefined) this.packets += 1;
      else if (now - before < roundTrip) this.early += 1;
    }
  }
}
