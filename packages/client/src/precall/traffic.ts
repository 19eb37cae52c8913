/** What of the traffic that one connection sends arrives at another, both on this page. */
import type { PathMeasured } from "./steps.ts";

interface Counted {
  readonly bytes: number;
  readonly packets: number;
  readonly lost: number;
}

export class Traffic {
  readonly #sender: () => RTCPeerConnection | undefined;
  readonly #receiver: () => RTCPeerConnection | undefined;

  constructor(sender: () => RTCPeerConnection | undefined, receiver: () => RTCPeerConnection | undefined) {
    this.#sender = sender;
    this.#receiver = receiver;
  }

  /** Over so many milliseconds, or until the signal says that nobody wants to know. */
  async measure(duration: number, signal: AbortSignal): Promise<PathMeasured> {
    const before = await this.#received();
    const began = performance.now();
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, duration);
      signal.addEventListener("abort", () => {
        clearTimeout(timer);
        resolve();
      });
    });
    const after = await this.#received();
    const packets = after.packets - before.packets;
    // What was missed once and came later counts backwards.
    const lost = Math.max(0, after.lost - before.lost);
    return {
      loss: packets + lost === 0 ? 1 : lost / (packets + lost),
      received: Math.round((8000 * (after.bytes - before.bytes)) / (performance.now() - began)),
      ...(await this.#path()),
    };
  }

  async #received(): Promise<Counted> {
    let [bytes, packets, lost] = [0, 0, 0];
    for (const report of (await this.#receiver()?.getStats())?.values() ?? []) {
      if (report.type !== "inbound-rtp") continue;
      bytes += report.bytesReceived;
      packets += report.packetsReceived;
      lost += report.packetsLost;
    }
    return { bytes, packets, lost };
  }

  async #path(): Promise<Pick<PathMeasured, "roundTrip" | "available">> {
    for (const report of (await this.#sender()?.getStats())?.values() ?? []) {
      if (report.type !== "candidate-pair" || !report.nominated) continue;
      const roundTrip = report.currentRoundTripTime === undefined ? undefined : report.currentRoundTripTime * 1000;
      return { roundTrip, available: report.availableOutgoingBitrate };
    }
    return { roundTrip: undefined, available: undefined };
  }
}
