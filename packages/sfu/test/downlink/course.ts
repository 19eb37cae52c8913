/**
 * Senders with an estimator each, over one link in virtual time, to receivers that answer with transport-wide feedback.
 *
 * The senders are elastic: 30 pictures a second at what the estimator allows, up to what they have. Everything is seeded.
 */
import { Chance, type Conditions, type Delivery, Link } from "@satsuma/testkit";
import { Arrivals } from "../../src/congestion/arrivals.ts";
import { Estimator } from "../../src/congestion/estimator.ts";
import { newTransportFeedback, readTransportFeedback } from "../../src/rtcp/transport-feedback.ts";

interface Packet {
  readonly length: number;
  readonly sender: number;
  readonly sequence: number;
}

interface Sender {
  readonly estimator: Estimator;
  readonly arrivals: Arrivals;
  /** bits/s that it would send if it could. */
  readonly wish: number;
  readonly from: number;
  /** Whether it can fill probes. */
  readonly padding: boolean;
  owed: number;
  paced: number;
  received: number;
}

export interface CourseOptions {
  readonly seed: number;
  readonly link: Partial<Conditions>;
  /** ms of the way back. */
  readonly back?: number;
  readonly senders?: readonly { readonly wish?: number; readonly from?: number; readonly padding?: boolean }[];
  readonly initial?: number;
}

/** ms between two pictures, and between the clocks of the two sides. */
const picture = 33;
const clockOffset = 1_000_000;

export class Course {
  now = 0;
  readonly link: Link<Packet>;
  readonly senders: readonly Sender[];
  readonly #feedback = newTransportFeedback();
  readonly #back: { readonly at: number; readonly sender: Sender; readonly packet: Uint8Array }[] = [];
  readonly #delay: number;
  /** The longest that a packet waited before the bottleneck since this was last set to 0, in ms. */
  longestWait = 0;
  /** Whether feedback gets back. */
  answers = true;

  constructor({ seed, link, back = 20, senders = [{}], initial = 300_000 }: CourseOptions) {
    this.link = new Link<Packet>(link, new Chance(seed));
    this.#delay = back;
    this.senders = senders.map(({ wish = 10_000_000, from = 0, padding = true }) => ({
      estimator: estimator(initial),
      arrivals: new Arrivals(1),
      wish,
      from,
      padding,
      owed: 0,
      paced: 0,
      received: 0,
    }));
  }

  get target(): number {
    return this.senders[0]?.estimator.target ?? 0;
  }

  /** Lets `milliseconds` pass; gives the bits/s that each sender got through. */
  run(milliseconds: number): number[] {
    const before = this.senders.map(({ received }) => received);
    for (const end = this.now + milliseconds; this.now < end; this.now += 1) this.#step();
    return this.senders.map(({ received }, index) => ((received - (before[index] ?? 0)) * 8_000) / milliseconds);
  }

  /** Lets time pass until `done`; gives the ms that it took, or undefined when it did not come within `limit` ms. */
  until(done: () => boolean, limit: number): number | undefined {
    for (let waited = 0; waited < limit; waited += 10) {
      if (done()) return waited;
      this.run(10);
    }
    return undefined;
  }

  #step(): void {
    const { now } = this;
    for (const [index, sender] of this.senders.entries()) {
      if (now < sender.from) continue;
      this.#produce(index, sender);
      this.#probe(index, sender);
      if (now % 200 === 0) sender.estimator.elapse(now);
    }
    this.#arrive(this.link.wake(now));
    for (const sender of this.senders) {
      for (const packet of sender.arrivals.take(now + clockOffset)) {
        if (this.answers) this.#back.push({ at: now + this.#delay, sender, packet });
      }
    }
    while ((this.#back[0]?.at ?? Number.POSITIVE_INFINITY) <= now) {
      const answer = this.#back.shift();
      if (answer === undefined) break;
      readTransportFeedback(answer.packet, 0, answer.packet.length, this.#feedback);
      answer.sender.estimator.feedback(this.#feedback, answer.sender.padding, now);
    }
  }

  /** A picture every 33 ms, its packets at two and a half times the rate, as browsers pace them. */
  #produce(index: number, sender: Sender): void {
    const rate = Math.min(sender.wish, sender.estimator.target);
    if ((this.now + index * 7) % picture === 0) sender.owed += (rate * picture) / 8_000;
    sender.paced = Math.min(0, sender.paced) + (rate * 2.5) / 8_000;
    while (sender.owed >= 60 && sender.paced > 0) {
      const size = Math.min(1_200, Math.round(sender.owed));
      sender.owed -= size;
      sender.paced -= size;
      this.#send(index, sender, size);
    }
  }

  #probe(index: number, sender: Sender): void {
    const { estimator } = sender;
    if (!sender.padding) return;
    if (estimator.calm) estimator.probes.consider(sender.wish, estimator.rate, this.now);
    for (let owed = estimator.probes.owed(this.now); owed > 0; owed = estimator.probes.owed(this.now)) {
      this.#send(index, sender, Math.round(Math.min(1_200, Math.max(200, owed))));
    }
  }

  #send(index: number, sender: Sender, length: number): void {
    const sequence = sender.estimator.send(length, this.now);
    this.#arrive(this.link.handle({ length, sender: index, sequence }, this.now));
  }

  #arrive(deliveries: readonly Delivery<Packet>[]): void {
    for (const { packet, at, queued } of deliveries) {
      this.longestWait = Math.max(this.longestWait, queued);
      const sender = this.senders[packet.sender];
      if (sender === undefined) continue;
      sender.received += packet.length;
      sender.arrivals.received(packet.sequence, 1, packet.length, at + clockOffset);
    }
  }
}

function estimator(initial: number): Estimator {
  const begun = new Estimator({ initial, floor: 30_000, ceiling: 50_000_000 });
  begun.expect();
  return begun;
}
