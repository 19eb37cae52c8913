/**
 * What the SFU itself counts of a session, at `GET …/sessions/:session/stats`. Cloudflare's service has no such endpoint.
 *
 * Rates are bits/s, times are ms, and counts run from the beginning of the track. What is unknown is left out.
 */
export interface SessionStats {
  /** To the peer and back, from its reports on what it receives. */
  roundTrip?: number | undefined;
  /** What the session is thought to be able to receive, bits/s. */
  estimate?: number | undefined;
  published: PublishedStats[];
  received: ReceivedStats[];
}

export interface PublishedStats {
  trackName: string;
  mid: string;
  kind: "audio" | "video";
  codec: string;
  /** Sessions that receive it. */
  subscribers: number;
  /** Of sound whose packets tell their level: dB above silence, which is -127 dBov; and whether somebody speaks. */
  loudness?: number | undefined;
  speaking?: boolean | undefined;
  /** One for each simulcast layer that was heard; without simulcast the only one has no rid. */
  layers: LayerStats[];
}

export interface LayerStats {
  rid?: string | undefined;
  ssrc: number;
  /** Whether packets come on it. */
  active: boolean;
  bitrate: number;
  packets: number;
  bytes: number;
  /** Below zero when packets came twice. */
  lost: number;
  /** Of the last report's time, between 0 and 1. */
  fractionLost: number;
  jitter: number;
  framesPerSecond?: number | undefined;
  /** px. */
  height?: number | undefined;
  /** Packets that its publisher was asked for, each time it was, and those that then came in a stream of their own. */
  nacked: number;
  repaired: number;
  /** Requests for keyframes that its publisher was sent, and the keyframes that came. */
  keyframeRequests: number;
  keyframes: number;
  /** Packets of pictures that were left out, because the server had no time for them when they came. */
  belated: number;
}

export interface ReceivedStats {
  /** The publisher's session, and the name of the track there. */
  sessionId: string;
  trackName: string;
  kind: "audio" | "video";
  ssrc: number;
  /** The simulcast layer that goes out now. */
  rid?: string | undefined;
  /** Sound that is left out, because the session gets only the loudest few. */
  held?: boolean | undefined;
  bitrate: number;
  packets: number;
  bytes: number;
  framesPerSecond?: number | undefined;
  /** Packets that the session asked for, each time it did, and those that were sent again. */
  nacked: number;
  repeated: number;
  /** Keyframes that the session asked for. */
  keyframeRequests: number;
  /** As the session reported last. */
  lost?: number | undefined;
  fractionLost?: number | undefined;
  jitter?: number | undefined;
}
