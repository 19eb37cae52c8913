/**
 * Senders with an estimator each, over one link in virtual time, to receivers that answer with transport-wide feedback.
 *
 * The senders are elastic: 30 pictures a second at what the estimator allows, up to what they have. Everything is seeded.
 */
import { Chance, type Conditions, type Delivery, Link } from "@satsuma/testkit";
import { Arrivals } from "../../src/congestion/arrivals.ts";
import { Estimator } from "../../src/congestion/estimator.ts";
import { newTransportFeedback, readTransportFeedback } from "../../src/rtcp/transport-feedback.ts";
import { Machine } from "./machine.ts";

interface Packet {
  readonly length: number;
  readonly sender: number;
  readonly sequence: number;
}

interface Sender {
  readonly estimator: Estimator;
  readonly arrivals: Arrivals;
  /** bits/s that it would send if it could. */
  wish: number;
  readonly from: number;
  /** Whether it can fill probes. */
  readonly padding: boolean;
  /** Sends what it wishes, whatever the estimator says: a picture in a single layer. */
  readonly stubborn: boolean;
  owed: number;
  pictures: number;
  producedAt: number;
  paced: number;
  received: number;
}

export interface CourseOptions {
  readonly seed: number;
  readonly link: Partial<Conditions>;
  /** ms of the way back. */
  readonly back?: number;
  readonly senders?: readonly Partial<Pick<Sender, "wish" | "from" | "padding" | "stubborn">>[];
  readonly initial?: number;
  /** Machines that have something else to do, too, for so many ms at the most (machine.ts). */
  readonly busy?: { readonly sender?: number; readonly receiver?: number };
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
  readonly #machines: { readonly sender: Machine; readonly receiver: Machine };
  /** The longest that a packet waited before the bottleneck since this was last set to 0, in ms. */
  longestWait = 0;
  /** Whether feedback gets back. */
  answers = true;

  constructor({ seed, link, back = 20, senders = [{}], initial = 300_000, busy = {} }: CourseOptions) {
    this.link = new Link<Packet>(link, new Chance(seed));
    const machine = (longest: number | undefined, number: number) => new Machine(longest ?? 0, Chance.of(seed, number));
    this.#machines = { sender: machine(busy.sender, 1), receiver: machine(busy.receiver, 2) };
    this.#delay = back;
    this.senders = senders.map(({ wish = 10_000_000, from = 0, padding = true, stubborn = false }) => ({
      estimator: estimator(initial),
      arrivals: new Arrivals(1),
      wish,
      from,
      padding,
      stubborn,
      owed: 0,
      pictures: Math.floor(from / picture),
      producedAt: from,
      paced: 0,
      received: 0,
    }));
  }

  get target(): number {
    return this.senders[0]?.estimator.target ?? 0;
  }

  get limited(): boolean {
    return this.senders[0]?.estimator.limited ?? false;
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
    const { sender: ours, receiver } = this.#machines;
    ours.step(now);
    receiver.step(now);
    for (const [index, sender] of this.senders.entries()) {
      if (now < sender.from || ours.at(now) > now) continue;
      this.#produce(index, sender);
      this.#probe(index, sender);
      if (now % 200 === 0) sender.estimator.elapse(now);
    }
    this.#arrive(this.link.wake(now));
    for (const sender of this.senders) {
      if (receiver.at(now) > now) continue;
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
    const rate = sender.stubborn ? sender.wish : Math.min(sender.wish, sender.estimator.target);
    const pictures = Math.floor((this.now + index * 7) / picture);
    sender.owed += ((pictures - sender.pictures) * rate * picture) / 8_000;
    sender.paced = Math.min(0, sender.paced) + ((this.now - sender.producedAt) * rate * 2.5) / 8_000;
    sender.pictures = pictures;
    sender.producedAt = this.now;
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
      const taken = this.#machines.receiver.at(at);
      sender.arrivals.received(packet.sequence, 1, packet.length, taken + clockOffset);
    }
  }
}

function estimator(initial: number): Estimator {
  const begun = new Estimator({ initial, floor: 30_000, ceiling: 50_000_000 });
  begun.expect();
  return begun;
}
