/**
 * Everything that one session is sent, and what it says about the way there.
 *
 * Each packet passes `media` or `control` on its way out, and each decision about how much of a track is sent passes
 * `reconsider`: the two places where congestion control meets forwarding.
 */
import { CongestionControl, type Estimate } from "../congestion/control.ts";
import type { EstimatorOptions } from "../congestion/estimator.ts";
import { Pacer } from "../congestion/pacer.ts";
import { writeUint16 } from "../rtp/header.ts";
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
  readonly #options: EstimatorOptions;
  readonly #pacer = new Pacer();
  /** None before anything is received: a session that only publishes needs no such thing. */
  #congestion: CongestionControl | undefined;
  /** Hears that there is a deadline where there was none. */
  readonly #stirred: (downlink: Downlink) => void;

  constructor(send: Send, options: EstimatorOptions, stirred: (downlink: Downlink) => void) {
    this.#send = send;
    this.#options = options;
    this.#stirred = stirred;
  }

  /** What is known of the way to the session; undefined before it receives anything. */
  get estimate(): Estimate | undefined {
    return this.#congestion?.estimate;
  }

  get drains(): boolean {
    return this.#congestion?.estimator.draining ?? false;
  }

  media(packet: Uint8Array, transportAt: number, purpose: Purpose, now: number): void {
    const control = this.#congestion;
    if (transportAt === 0 || control === undefined) {
      this.#send(packet);
      return;
    }
    const pacer = this.#pacer;
    if (purpose === "padding") pacer.passed(packet.length, now);
    else if (!pacer.passes(packet.length, now)) {
      if (!this.#isSound(packet)) {
        pacer.keep(packet, transportAt, now);
        this.#stirred(this);
        return;
      }
      pacer.passed(packet.length, now);
    }
    writeUint16(packet, transportAt, control.estimator.send(packet.length, now));
    this.#send(packet);
  }

  control(packet: Uint8Array): void {
    this.#send(packet);
  }

  /** An RTCP packet of the peer. */
  hears(packet: Uint8Array, now: number): void {
    const control = this.#congestion;
    if (control === undefined) return;
    control.hears(packet, now);
    this.#pacer.follow(control.pace, control.estimator.limited);
    if (control.nextDeadline() !== undefined) this.#stirred(this);
  }

  /** What can be sent of a subscription's track has changed, or what is wished of it. */
  reconsider(subscription: Subscription, now: number): void {
    this.#congestion ??= new CongestionControl(this.#options, this.subscriptions);
    this.#congestion.divide(now, subscription);
  }

  /** The session does not receive it any more, nor what of it still waits. */
  end(subscription: Subscription): void {
    this.subscriptions.delete(subscription);
    this.#pacer.discard(subscription.ssrc, subscription.repair?.ssrc ?? subscription.ssrc);
  }

  /** Time passes; to be called a few times a second. */
  elapse(now: number): void {
    const control = this.#congestion;
    if (control === undefined || this.subscriptions.size === 0) return;
    control.elapse(now);
    this.#pacer.follow(control.pace, control.estimator.limited);
    if (control.nextDeadline() !== undefined) this.#stirred(this);
  }

  /** Sends what waited, and what a probe needs; that begins with what waits, so that padding overtakes nothing. */
  release(now: number): void {
    const control = this.#congestion;
    const probe = control?.nextDeadline();
    for (const { packet, transportAt } of this.#pacer.release(now, probe !== undefined && now >= probe)) {
      writeUint16(packet, transportAt, control?.estimator.send(packet.length, now) ?? 0);
      this.#send(packet);
    }
    control?.probe(now);
  }

  /** When `release` has something to do, or undefined. */
  nextDeadline(): number | undefined {
    const waiting = this.#pacer.nextDeadline();
    const probe = this.#congestion?.nextDeadline();
    return waiting === undefined || (probe !== undefined && probe < waiting) ? probe : waiting;
  }

  /** What comes from now on goes over another transport. */
  restart(): void {
    this.#pacer.clear();
    this.#congestion?.restart();
  }

  #isSound(packet: Uint8Array): boolean {
    const payloadType = (packet[1] ?? 0) & 0x7f;
    for (const { kind, codec } of this.subscriptions) {
      if (codec.payloadType === payloadType) return kind === "audio";
    }
    return false;
  }
}
