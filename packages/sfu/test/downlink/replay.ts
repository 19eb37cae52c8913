/**
 * Tells an estimator what one was told in a recorded call: what left, what feedback came and when. What leaves is as it was
 * then, whatever this estimator thinks of it.
 */
import { Estimator } from "../../src/congestion/estimator.ts";
import { newTransportFeedback, readTransportFeedback } from "../../src/rtcp/transport-feedback.ts";

/** After a feedback packet. */
export interface Told {
  /** ms since the recording began. */
  readonly at: number;
  /** bits/s. */
  readonly target: number;
  /** ms. */
  readonly queue: number;
  readonly roundTrip: number;
  /** 0 … 1. */
  readonly loss: number;
  readonly limited: boolean;
}

/** As a session of the SFU begins (`defaultLimits`), in bits/s. */
const options = { initial: 1_000_000, floor: 30_000, ceiling: 100_000_000 };
/** Times are told in this many ms. */
const unit = 0.1;

export function replay(trace: string): Told[] {
  const estimator = new Estimator(options);
  const { probes } = estimator;
  const feedback = newTransportFeedback();
  const told: Told[] = [];
  let ticks = 0;
  estimator.expect();
  for (const line of trace.split("\n")) {
    const [, kind, step, value = ""] = /^([sfepo])(\d+) ?(\S*)$/.exec(line) ?? [];
    if (kind === undefined) continue;
    ticks += Number(step);
    const now = ticks * unit;
    switch (kind) {
      case "s":
        estimator.send(Number(value), now);
        break;
      case "f": {
        const packet = Uint8Array.from(atob(value), (char) => char.charCodeAt(0));
        if (!readTransportFeedback(packet, 0, packet.length, feedback)) throw new Error(`No feedback: ${line}`);
        estimator.feedback(feedback, true, now);
        const { target, queue, roundTrip, loss, limited } = estimator;
        told.push({ at: now, target, queue, roundTrip, loss, limited });
        break;
      }
      case "e":
        estimator.elapse(now);
        // What the session wants.
        if (Number(value) <= estimator.target) estimator.suffices();
        break;
      case "p":
        if (estimator.calm) probes.consider(Number(value), estimator.rate, now);
        break;
      default:
        probes.owed(now);
    }
  }
  return told;
}
