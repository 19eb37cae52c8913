/**
 * One SFU, its peers, and the links between them, in virtual time. Whatever is due next happens next, and what the SFU
 * sends because of it is looked at before it goes on its way.
 */
import type { Link } from "@satsuma/testkit";
import { World } from "../world.ts";
import type { Peer } from "./peers.ts";
import { Register } from "./register.ts";

/** Steps in which time does not go on: more than that is somebody who wants to be woken for nothing. */
const mostSteps = 1_000;

export class Network {
  readonly world: World;
  readonly peers: Peer[] = [];
  readonly register = new Register();
  /** Whose a packet is that goes down a link which several share. */
  readonly #owners = new WeakMap<Uint8Array, Peer>();
  /** Packets that the SFU sent and took. */
  emitted = 0;
  taken = 0;

  constructor(world = new World()) {
    this.world = world;
  }

  /** Lets time pass until `end`. */
  run(end: number): void {
    let steps = 0;
    for (;;) {
      const next = this.#next();
      if (next === undefined || next > end) break;
      steps = next > this.world.now ? 0 : steps + 1;
      if (steps > mostSteps) throw new Error(`Time stands still at ${next}.`);
      this.world.now = Math.max(this.world.now, next);
      this.#step(this.world.now);
    }
    this.world.now = end;
  }

  /** Sends on what the SFU has sent outside of `run`, because of a call of the API. */
  collect(): void {
    const { now } = this.world;
    for (const peer of this.peers) {
      const { wire } = peer;
      if (wire === undefined || wire.received.length === 0) continue;
      for (const bytes of wire.take()) {
        this.emitted += 1;
        peer.emitted(bytes, now);
        this.#owners.set(bytes, peer);
        this.#hear(peer, peer.down.handle(bytes, now), now);
      }
    }
  }

  #next(): number | undefined {
    let next = this.world.alarm;
    for (const peer of this.peers) {
      if (peer.gone) continue;
      for (const at of [peer.up.nextDeadline(), peer.down.nextDeadline(), peer.nextDeadline()]) {
        if (at !== undefined && (next === undefined || at < next)) next = at;
      }
    }
    return next;
  }

  #step(now: number): void {
    const { world } = this;
    if (world.alarm !== undefined && world.alarm <= now) {
      // An alarm that has rung is over, as a platform's timer is.
      world.alarm = undefined;
      world.sfu.wake();
      this.collect();
    }
    for (const peer of this.peers) {
      if (peer.gone) continue;
      this.#arrive(peer, peer.up.wake(now), now);
      this.#hear(peer, peer.down.wake(now), now);
      this.#say(peer, peer.wake(now), now);
    }
  }

  #say(peer: Peer, packets: readonly Uint8Array[], now: number): void {
    for (const bytes of packets) this.#arrive(peer, peer.up.handle(bytes, now), now);
  }

  #arrive(peer: Peer, deliveries: ReturnType<Link["wake"]>, now: number): void {
    for (const { packet } of deliveries) {
      this.taken += 1;
      peer.arriving(packet, now);
      peer.wire?.deliver(packet);
      this.collect();
    }
  }

  #hear(peer: Peer, deliveries: ReturnType<Link["wake"]>, now: number): void {
    for (const { packet, queued } of deliveries) {
      const owner = this.#owners.get(packet) ?? peer;
      if (owner.gone) continue;
      owner.delivered(packet.length, queued);
      this.#say(owner, owner.heard(packet, now), now);
    }
  }
}
