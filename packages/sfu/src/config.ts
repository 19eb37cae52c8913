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
  /** Data channels open at once on one session. Each is an SCTP stream with buffers of its own. */
  readonly channelsPerSession: number;
  /** Calls that one session may make in a second (Calls platform limits); other sessions are not affected. */
  readonly callsPerSecond: number;
  /** ms that a session may live without ever connecting. Calls was seen to take about two minutes; a browser needs seconds. */
  readonly unconnected: number;
  /** ms that a call waits for its session's transport to connect, where it needs that (Calls platform limits). */
  readonly connectWait: number;
  /** ms that a pull waits for the first packet of a track; 0 does not wait. Calls was seen to wait about eight seconds. */
  readonly sourceWait: number;
  /** ms without a packet after which a published track is ended, as at Calls; undefined never ends one. */
  readonly silentTrack: number | undefined;
  /** ms that a session survives a transport which lost its peer, as at Calls (platform limits). */
  readonly disconnected: number;
  /**
   * ms that a session whose peer closed its transport waits for an offer with another. Chromium (156) leaves a transport
   * for a new one when the m-line stops that the bundle hangs on, and its offer may come after its farewell.
   */
  readonly reopenWait: number;
  /** ms between receiver reports to a publisher; 1 s is what browsers do for video. */
  readonly reportInterval: number;
  /** ms between two keyframe requests for one stream: a keyframe costs ten ordinary frames, so requests are merged. */
  readonly keyframeInterval: number;
  /**
   * Microphones that a session hears at a time, the loudest of all that it pulled; undefined sends all, as Calls does. A browser
   * that pulled a hundred decodes a hundred. A session may be begun with another number (`?loudest=3`).
   */
  readonly loudest: number | undefined;
  /** ms for which a packet can be sent again; more is of no use, since receivers do not wait so long. */
  readonly repairWindow: number;
  /** Bytes of one incoming stream that are kept for that: a second of 16 Mbit/s. */
  readonly repairBytes: number;
  /**
   * ms that this server may be behind with a picture before it leaves that out, up to the next keyframe: what is later is of
   * no use in a call, and sound waits behind it.
   */
  readonly mostBehind: number;
  /** bits/s that a publisher is told it may send per video track, where it does not estimate that by our feedback. */
  readonly videoBitrate: number;
  /** bits/s that a session is thought to be able to receive before its feedback tells: a middle layer, and sound. */
  readonly initialDownlink: number;
  /** bits/s that it is never thought to be below: a voice, which is sent whatever happens. */
  readonly leastDownlink: number;
  /** bits/s above which nothing is looked for. */
  readonly mostDownlink: number;
}

export const defaultLimits: SfuLimits = {
  mediaSections: 512,
  sessions: 5_000,
  streamsPerSession: 512,
  channelsPerSession: 256,
  callsPerSecond: 50,
  unconnected: 60_000,
  connectWait: 5_000,
  sourceWait: 0,
  silentTrack: 30_000,
  disconnected: 30_000,
  reopenWait: 2_000,
  reportInterval: 1_000,
  keyframeInterval: 300,
  loudest: undefined,
  repairWindow: 1_000,
  repairBytes: 2_097_152,
  mostBehind: 500,
  videoBitrate: 2_500_000,
  initialDownlink: 1_000_000,
  leastDownlink: 30_000,
  mostDownlink: 100_000_000,
};
