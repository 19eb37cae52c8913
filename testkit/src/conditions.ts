/** What a network does to packets. Everything is off unless it is named. */

export interface Conditions {
  /** ms that every packet takes. */
  readonly delay: number;
  /** ms more, evenly from 0 to this. It keeps packets in order; `reorder` does not. */
  readonly jitter: number;
  /** Probability, 0 to 1, that a packet is lost by itself. */
  readonly loss: number;
  /** Loss that comes in bursts (Gilbert and Elliott); undefined for none. */
  readonly burst: Burst | undefined;
  /** Probability that a packet is held back by `reorderBy` ms, so that later ones overtake it. */
  readonly reorder: number;
  readonly reorderBy: number;
  /** Probability that a packet comes twice. */
  readonly duplicate: number;
  /** bits/s, counting `overhead`; undefined for a link without a bottleneck. */
  readonly rate: number | undefined;
  /** Most that waits before the bottleneck, in ms at its present rate. What comes then is dropped. */
  readonly queue: number;
  /** Bytes on the wire beside each packet: IPv4 and UDP need 28. */
  readonly overhead: number;
}

export interface Burst {
  /** Probability with each packet that a good link goes bad, and that a bad one recovers; a burst is 1/leave packets long. */
  readonly enter: number;
  readonly leave: number;
  /** Probability that a packet is lost while it is bad. */
  readonly loss: number;
}

/** Other conditions from a moment on. */
export interface Change {
  /** ms on the link's own clock. */
  readonly at: number;
  readonly to: Partial<Conditions>;
}

export const perfect: Conditions = {
  delay: 0,
  jitter: 0,
  loss: 0,
  burst: undefined,
  reorder: 0,
  reorderBy: 20,
  duplicate: 0,
  rate: undefined,
  queue: 300,
  overhead: 28,
};
