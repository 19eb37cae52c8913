/**
 * Everything that one session is sent, and what it says about the way there.
 *
 * Each packet passes `media` or `control` on its way out, and each decision about how much of a track is sent passes
 * `reconsider`. Here the budget of a session is endless; whoever estimates it puts the estimate in these two places.
 */
import { writeUint16 } from "../rtp/header.ts";
import { chooseQuality } from "./choice.ts";
import type { Outlet, Purpose } from "./quality.ts";
import { RoundTrip } from "./round-trip.ts";
import type { Subscription } from "./subscription.ts";

/** Hands one packet to a session's transport. The bytes are overwritten after it returns. */
export type Send = (packet: Uint8Array) => void;

export class Downlink implements Outlet {
  /** What it receives of tracks that flow. */
  readonly subscriptions = new Set<Subscription>();
  /** Between us and the session's peer, from its reports; also of use for what that peer publishes. */
  readonly roundTrip = new RoundTrip();
  readonly #send: Send;
  #transportSequence = 0;

  constructor(send: Send) {
    this.#send = send;
  }

  media(packet: Uint8Array, transportAt: number, _purpose: Purpose, _now: number): void {
    if (transportAt > 0) {
      writeUint16(packet, transportAt, this.#transportSequence);
      this.#transportSequence = (this.#transportSequence + 1) & 0xffff;
    }
    this.#send(packet);
  }

  control(packet: Uint8Array): void {
    this.#send(packet);
  }

  /** What can be sent of a subscription's track has changed, or what is wished of it. */
  reconsider(subscription: Subscription, now: number): void {
    const available = subscription.source?.qualities(now) ?? [];
    subscription.aim(chooseQuality(subscription.preference, available, Number.POSITIVE_INFINITY));
  }
}
