/**
 * Every bound and interval of the SFU, with its unit and the reason for its default.
 */
export interface SfuConfig {
  /** Apps that may use this server. Sessions and tracks of one app are invisible to every other. */
  readonly apps: readonly { readonly id: string; readonly secret: string }[];
  readonly limits: SfuLimits;
}

export interface SfuLimits {
  /** m-lines in one SDP. 49 tiles with sound need 98; beyond 512 browsers take seconds to apply an offer. */
  readonly mediaSections: number;
  /** Live sessions over all apps: each costs a DTLS handshake and about 300 kB. */
  readonly sessions: number;
  /** Distinct SSRCs heard on one session; three simulcast layers with retransmission need six a track. */
  readonly streamsPerSession: number;
  /** ms that a session may live without ever connecting. Calls was seen to take about two minutes; a browser needs seconds. */
  readonly unconnected: number;
  /** ms that a session survives a transport which lost its peer, as at Calls (platform limits). */
  readonly disconnected: number;
  /** ms between receiver reports to a publisher; 1 s is what browsers do for video. */
  readonly reportInterval: number;
  /** ms between two keyframe requests for one stream: a keyframe costs ten ordinary frames, so requests are merged. */
  readonly keyframeInterval: number;
  /** bits/s that a publisher is told it may send per video track, until subscribers are estimated. */
  readonly videoBitrate: number;
}

export const defaultLimits: SfuLimits = {
  mediaSections: 512,
  sessions: 5_000,
  streamsPerSession: 512,
  unconnected: 60_000,
  disconnected: 30_000,
  reportInterval: 1_000,
  keyframeInterval: 300,
  videoBitrate: 2_500_000,
};
