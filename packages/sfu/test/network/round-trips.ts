/**
 * How long a packet takes to a viewer and back, told by receiver reports (RFC 3550 §6.4.1) as a browser tells it, and the
 * longest that the SFU can have heard of.
 */
import type { Block } from "./control.ts";

export class RoundTrips {
  /** When reports left the SFU, by stream and name. */
  readonly #sent = new Map<string, number>();
  /** The newest report that the viewer heard of each stream. */
  readonly #heard = new Map<number, { readonly middle: number; readonly at: number }>();
  /** ms; undefined before the first. */
  longest: number | undefined;

  sent(ssrc: number, middle: number, now: number): void {
    this.#sent.set(`${ssrc} ${middle}`, now);
  }

  heard(ssrc: number, middle: number, now: number): void {
    this.#heard.set(ssrc, { middle, at: now });
  }

  answer(ssrc: number, now: number): Pick<Block, "report" | "delay"> {
    const heard = this.#heard.get(ssrc);
    if (heard === undefined) return { report: 0, delay: 0 };
    return { report: heard.middle, delay: Math.round(((now - heard.at) * 65_536) / 1_000) };
  }

  /** A receiver report has come to the SFU. */
  arrived(blocks: readonly Block[], now: number): void {
    for (const { ssrc, report, delay } of blocks) {
      const sentAt = this.#sent.get(`${ssrc} ${report}`);
      if (sentAt === undefined) continue;
      const took = now - sentAt - (delay * 1_000) / 65_536;
      // A report that was sent twice may be answered by its first copy.
      if (took >= 0) this.longest = Math.max(this.longest ?? 0, took);
    }
  }
}
