/** What is counted of one outgoing stream beside its packets, and its rates, which are looked at about once a second. */
export class Counts {
  /** Numbers that the subscriber asked for again, and how many were sent. */
  nacked = 0;
  repeated = 0;
  keyframeRequests = 0;
  /** Pictures, by the packets that end one. */
  frames = 0;
  /** bits/s and frames/s between the last two samples. */
  bitrate = 0;
  framesPerSecond = 0;
  #bytesBefore = 0;
  #framesBefore = 0;
  #sampledAt: number | undefined;

  /** `bytes` are all that were sent so far. */
  sample(bytes: number, now: number): void {
    const seconds = this.#sampledAt === undefined ? 0 : (now - this.#sampledAt) / 1_000;
    if (seconds > 0) {
      this.bitrate = ((bytes - this.#bytesBefore) * 8) / seconds;
      this.framesPerSecond = (this.frames - this.#framesBefore) / seconds;
    }
    this.#bytesBefore = bytes;
    this.#framesBefore = this.frames;
    this.#sampledAt = now;
  }
}
