/**
 * What a client says of its own media, for the record and not for others: how it was over the last seconds, and what its
 * connection has become.
 *
 * Words and numbers only. No description, no candidate and no free text can be in it, so that a record of a call can be
 * shown to whoever looks into it.
 */
import type { Quality } from "./presence.ts";
import type { TrackKind, TrackSource } from "./state.ts";

/** One of the two is there. */
export interface Report {
  /** The media session it is about. */
  readonly session?: string | undefined;
  readonly sample?: QualitySample | undefined;
  readonly states?: ConnectionStates | undefined;
}

/** States as the browser names them, of those that have changed; all words are of letters, digits and dashes. */
export interface ConnectionStates {
  /** Of the client's own life cycle, such as `connecting`, `connected`, `failed`. */
  readonly connection?: string | undefined;
  readonly ice?: string | undefined;
  readonly gathering?: string | undefined;
  readonly signalling?: string | undefined;
  /** Connections made so far, the present one included. */
  readonly attempt?: number | undefined;
  /** What it changed for, such as `media-server-lost`. */
  readonly why?: string | undefined;
}

/** A member's media over an interval. What a browser does not tell is left out. */
export interface QualitySample {
  readonly quality: Quality;
  /** What the client blames, such as `network-up`, `network-down`, `cpu`, `device`; left out while it is good. */
  readonly cause?: string | undefined;
  /** Milliseconds that it tells of. */
  readonly duration?: number | undefined;
  /** Milliseconds to the media server and back. */
  readonly roundTrip?: number | undefined;
  /** Over all tracks, from 0 to 1. */
  readonly lossIn?: number | undefined;
  readonly lossOut?: number | undefined;
  /** Bits per second that the browser believes it may send. */
  readonly available?: number | undefined;
  /** Whether media goes through a TURN server. */
  readonly relayed?: boolean | undefined;
  /** 16 at the most: those sent, and of those received the worst. */
  readonly tracks?: readonly SampledTrack[] | undefined;
}

export interface SampledTrack {
  readonly way: "sent" | "received";
  readonly kind: TrackKind;
  readonly source?: TrackSource | undefined;
  /** Whose it is, of those received. */
  readonly participant?: string | undefined;
  /** Bits per second of payload. */
  readonly bitrate?: number | undefined;
  /** From 0 to 1. */
  readonly loss?: number | undefined;
  /** Milliseconds. */
  readonly jitter?: number | undefined;
  /** From 0 to 1, linear. */
  readonly audioLevel?: number | undefined;
  /** Pixels. */
  readonly width?: number | undefined;
  readonly height?: number | undefined;
  /** Frames per second. */
  readonly frameRate?: number | undefined;
  /** Part of the time in which the picture stood still, or of the sound that was made up, from 0 to 1. */
  readonly frozen?: number | undefined;
  readonly concealed?: number | undefined;
  /** Why the encoder sends less than it could: `cpu`, `bandwidth`, `other`. */
  readonly limitation?: string | undefined;
}
