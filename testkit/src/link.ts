/**
 * One direction of a network, in virtual time: packets go in, and come out later, never, twice, or in another order.
 *
 * It reads no clock and has no chance but the one it is given: the same packets at the same times with the same seed have
 * the same fate. Loss comes first, then the bottleneck with its queue, then the way behind it. Whoever drives it calls
 * `wake` at `nextDeadline` at the latest; a late call changes nothing but what the caller sees late.
 */
import type { Chance } from "./chance.ts";
import { type Change, type Conditions, perfect } from "./conditions.ts";

export interface Delivery<Packet> {
  readonly packet: Packet;
  /** ms when it was sent, and when it arrives. */
  readonly sentAt: number;
  readonly at: number;
  /** ms that it waited before the bottleneck, its own transmission included. */
  readonly queued: number;
}

/** Counts of packets since the link began. */
export interface LinkCounts {
  readonly sent: number;
  /** By `loss` and `burst`. */
  readonly lost: number;
  /** For which the queue had no room. */
  readonly overflowed: number;
  readonly duplicated: number;
  readonly delivered: number;
}

interface Waiting<Packet> {
  readonly packet: Packet;
  readonly sentAt: number;
  readonly bits: number;
}

export class Link<Packet extends { readonly length: number } = Uint8Array> {
  readonly #chance: Chance;
  readonly #changes: Change[];
  #conditions: Conditions;
  /** Packets before the bottleneck; the first of them is on its way through, and is out at `#outAt`. */
  readonly #line: Waiting<Packet>[] = [];
  #lineBits = 0;
  #outAt = 0;
  /** Packets behind the bottleneck, by the time of their arrival. */
  readonly #under: Delivery<Packet>[] = [];
  /** When the last packet that kept its place arrives: none that comes after may be earlier. */
  #lastAt = 0;
  #bad = false;
  readonly #counts = { sent: 0, lost: 0, overflowed: 0, duplicated: 0, delivered: 0 };

  constructor(conditions: Partial<Conditions>, chance: Chance, changes: readonly Change[] = []) {
    this.#conditions = { ...perfect, ...conditions };
    this.#chance = chance;
    this.#changes = changes.toSorted((a, b) => a.at - b.at);
  }

  get counts(): LinkCounts {
    return { ...this.#counts };
  }

  get conditions(): Conditions {
    return this.#conditions;
  }

  /** Takes a packet, which must not be changed afterwards, and gives what has arrived by now. */
  handle(packet: Packet, now: number): Delivery<Packet>[] {
    this.#pass(now);
    this.#counts.sent += 1;
    if (this.#loses()) this.#counts.lost += 1;
    else this.#enter({ packet, sentAt: now, bits: (packet.length + this.#conditions.overhead) * 8 }, now);
    return this.#arrived(now);
  }

  /** What has arrived by now. */
  wake(now: number): Delivery<Packet>[] {
    this.#pass(now);
    return this.#arrived(now);
  }

  nextDeadline(): number | undefined {
    let next = this.#line.length > 0 ? this.#outAt : undefined;
    for (const at of [this.#under[0]?.at, this.#changes[0]?.at]) {
      if (at !== undefined && (next === undefined || at < next)) next = at;
    }
    return next;
  }

  /** Other conditions from now on, also for what waits before the bottleneck. */
  change(to: Partial<Conditions>, now: number): void {
    this.#pass(now);
    this.#become(to, now);
  }

  /** ms that a packet sent now would wait before the bottleneck. */
  waiting(now: number): number {
    const { rate } = this.#conditions;
    const [first, ...others] = this.#line;
    if (first === undefined || rate === undefined) return 0;
    const behind = others.reduce((bits, waiting) => bits + waiting.bits, 0);
    return Math.max(0, this.#outAt - now) + (behind / rate) * 1_000;
  }

  #loses(): boolean {
    const { loss, burst } = this.#conditions;
    if (burst === undefined) this.#bad = false;
    else if (this.#chance.happens(this.#bad ? burst.leave : burst.enter)) this.#bad = !this.#bad;
    const lostInBurst = this.#bad && this.#chance.happens(burst?.loss ?? 0);
    return lostInBurst || this.#chance.happens(loss);
  }

  #enter(waiting: Waiting<Packet>, now: number): void {
    const { rate, queue } = this.#conditions;
    if (rate === undefined) {
      this.#travel(waiting, now);
      return;
    }
    // A queue of less than one packet would let nothing through.
    if (this.#line.length > 0 && ((this.#lineBits + waiting.bits) / rate) * 1_000 > queue) {
      this.#counts.overflowed += 1;
      return;
    }
    if (this.#line.length === 0) this.#outAt = now + (waiting.bits / rate) * 1_000;
    this.#line.push(waiting);
    this.#lineBits += waiting.bits;
  }

  /** Lets time pass up to now, with the changes that were planned for it. */
  #pass(now: number): void {
    for (let next = this.#changes[0]; next !== undefined && next.at <= now; next = this.#changes[0]) {
      this.#changes.shift();
      this.#drain(next.at);
      this.#become(next.to, next.at);
    }
    this.#drain(now);
  }

  #become(to: Partial<Conditions>, now: number): void {
    const before = this.#conditions.rate;
    this.#conditions = { ...this.#conditions, ...to };
    const { rate } = this.#conditions;
    if (this.#line.length === 0 || before === undefined || rate === before) return;
    // What is halfway through the bottleneck goes on at the new rate.
    this.#outAt = rate === undefined ? now : now + ((this.#outAt - now) * before) / rate;
    this.#drain(now);
  }

  #drain(now: number): void {
    for (let first = this.#line[0]; first !== undefined && this.#outAt <= now; first = this.#line[0]) {
      this.#line.shift();
      this.#lineBits -= first.bits;
      const out = this.#outAt;
      const { rate } = this.#conditions;
      const next = this.#line[0];
      if (next !== undefined && rate !== undefined) this.#outAt = out + (next.bits / rate) * 1_000;
      this.#travel(first, out);
    }
  }

  #travel({ packet, sentAt }: Waiting<Packet>, out: number): void {
    const { delay, jitter, reorder, reorderBy, duplicate } = this.#conditions;
    const held = this.#chance.happens(reorder);
    const arrival = out + delay + (jitter > 0 ? this.#chance.fraction() * jitter : 0);
    const at = held ? arrival + reorderBy : Math.max(arrival, this.#lastAt);
    if (!held) this.#lastAt = at;
    const delivery = { packet, sentAt, at, queued: out - sentAt };
    this.#keep(delivery);
    if (!this.#chance.happens(duplicate)) return;
    this.#counts.duplicated += 1;
    this.#keep(delivery);
  }

  #keep(delivery: Delivery<Packet>): void {
    let place = this.#under.length;
    while (place > 0 && (this.#under[place - 1]?.at ?? 0) > delivery.at) place -= 1;
    this.#under.splice(place, 0, delivery);
  }

  #arrived(now: number): Delivery<Packet>[] {
    const first = this.#under.findIndex(({ at }) => at > now);
    const arrived = this.#under.splice(0, first === -1 ? this.#under.length : first);
    this.#counts.delivered += arrived.length;
    return arrived;
  }
}
