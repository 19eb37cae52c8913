/** When our newest sender reports left, so that a receiver's report tells the round trip (RFC 3550 §6.4.1). */
import type { Received } from "../rtcp/read.ts";
import type { SenderTimes } from "./clock-map.ts";

/** As many as may be on their way at once. */
const kept = 4;

export class SentReports {
  readonly #sent: { readonly middle: number; readonly at: number }[] = [];

  sent(report: SenderTimes, now: number): void {
    this.#sent.push({ middle: middleOf(report), at: now });
    if (this.#sent.length > kept) this.#sent.shift();
  }

  /** ms, or undefined when the report answers none of these. */
  roundTrip(received: Received, now: number): number | undefined {
    if (received.lastSenderReport === 0) return undefined;
    const sent = this.#sent.findLast(({ middle }) => middle === received.lastSenderReport);
    return sent && now - sent.at - (received.delaySinceLastSenderReport * 1_000) / 65_536;
  }
}

/** The middle 32 bits of an NTP time. */
export function middleOf({ ntpSeconds, ntpFraction }: SenderTimes): number {
  return (((ntpSeconds & 0xffff) << 16) | (ntpFraction >>> 16)) >>> 0;
}
