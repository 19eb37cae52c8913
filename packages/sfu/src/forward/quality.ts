/**
 * What a subscriber can be sent of a track, and what it is to be sent: the words between forwarding, which measures and
 * obeys, and allocation, which decides.
 *
 * Forwarding measures every publication (`Publication.qualities(now)`, best first). Whoever knows how much a session can
 * receive chooses one for each of its subscriptions (`Downlink.subscriptions`), and says so with `Subscription.aim`.
 */

/** What is sent of one incoming stream: all of it, or fewer of its spatial and temporal layers. */
export interface Aim {
  /** The simulcast layer; empty without simulcast. */
  readonly rid: string;
  /** Highest spatial layer that is sent, from 0; layers above do not go out. `all` for all. */
  readonly spatial: number;
  /** Highest temporal layer that is sent, from 0. `all` for all. */
  readonly temporal: number;
}

/** Higher than any layer's number. */
export const all = 255;

/** An aim with what it was measured to be during the last second. */
export interface Quality extends Aim {
  /** bits/s on the wire of RTP, headers included. */
  readonly bitrate: number;
  /** px, and undefined where the format does not tell. */
  readonly height: number | undefined;
  readonly framesPerSecond: number;
}

/** Why a packet goes out. Padding and repetitions carry no new media, but use the same way. */
export type Purpose = "media" | "repair" | "padding";

/**
 * Where every packet of one session leaves: the one place to number, pace and count them. `transportAt` is the offset of
 * two bytes in `packet` for the transport-wide sequence number (draft-holmer-rmcat-transport-wide-cc-extensions-01 §2),
 * or 0 where the subscriber's m-line has no such extension. The bytes are overwritten after it returns.
 */
export interface Outlet {
  /** Whether a queue stands on the way that is to be emptied. */
  readonly drains: boolean;
  media(packet: Uint8Array, transportAt: number, purpose: Purpose, now: number): void;
  control(packet: Uint8Array): void;
}
