/**
 * Keeps what one sender encodes as it is wanted: one change at a time, and once more where the wish changed meanwhile or
 * the browser refused.
 */
import { applied } from "./encodings.ts";

/** Refusals in a row after which it is left until the next wish: a sender of a closed connection refuses for ever. */
const patience = 3;

export class Adjuster {
  readonly #sender: RTCRtpSender;
  #wanted: readonly RTCRtpEncodingParameters[] = [];
  #running = false;

  constructor(sender: RTCRtpSender) {
    this.#sender = sender;
  }

  want(encodings: readonly RTCRtpEncodingParameters[]): void {
    this.#wanted = encodings;
    if (!this.#running) void this.#run();
  }

  async #run(): Promise<void> {
    this.#running = true;
    for (let refusals = 0; refusals < patience; ) {
      const parameters = applied(this.#sender.getParameters(), this.#wanted);
      if (parameters === undefined) break;
      try {
        await this.#sender.setParameters(parameters);
      } catch {
        refusals += 1;
      }
    }
    this.#running = false;
  }
}
