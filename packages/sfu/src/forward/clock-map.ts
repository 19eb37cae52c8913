/** How an RTP clock relates to its sender's wall clock, from one sender report (RFC 3550 §6.4.1). */
import type { RtcpReport } from "../rtcp/read.ts";

export type SenderTimes = RtcpReport & { readonly report: "sender" };

export class ClockMap {
  readonly report: SenderTimes;
  readonly #rate: number;

  constructor(report: SenderTimes, rate: number) {
    this.report = report;
    this.#rate = rate;
  }

  /** The timestamp that this clock shows when the other shows its report's: what turns one layer's into another's. */
  timestampAt(other: ClockMap): number {
    const seconds =
      other.report.ntpSeconds - this.report.ntpSeconds + (other.report.ntpFraction - this.report.ntpFraction) / 2 ** 32;
    return this.report.rtpTimestamp + Math.round(seconds * this.#rate);
  }
}
