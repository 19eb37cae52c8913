/**
 * The shapes of the Calls API (Cloudflare Realtime SFU, OpenAPI of 2024-05-21), as far as the server and the client of
 * this repository speak it. Spelling and optionality are the API's, not ours.
 */

export interface SessionDescription {
  type: "offer" | "answer";
  sdp: string;
}

/** Carried by a whole answer or by one item of it; an answer of status 200 may still hold items that failed. */
export interface CallsError {
  errorCode?: string | undefined;
  errorDescription?: string | undefined;
}

export interface NewSessionRequest {
  sessionDescription: SessionDescription;
}

export interface NewSessionResponse extends CallsError {
  sessionId: string;
  sessionDescription?: SessionDescription | undefined;
}

/** What a subscriber wants of a simulcast track. Rids sort as ASCII from the best layer to the least. */
export interface Simulcast {
  /** Empty means no preference. */
  preferredRid?: string | undefined;
  /** Whether the server may leave the preferred layer for want of bandwidth. Default none. */
  priorityOrdering?: "none" | "asciibetical" | undefined;
  /** Whether it may send another one while the preferred layer is not there. Default none. */
  ridNotAvailable?: "none" | "asciibetical" | undefined;
}

export interface TrackObject {
  location?: "local" | "remote" | undefined;
  /** The m-line's mid in the requesting session. */
  mid?: string | undefined;
  /** For remote tracks: the session of the publisher. */
  sessionId?: string | undefined;
  trackName?: string | undefined;
  /** Needed where the server makes the offer for a local track. */
  kind?: "audio" | "video" | undefined;
  /** Makes the transceiver of a local track sendrecv, so that a remote one can be sent on it. */
  bidirectionalMediaStream?: boolean | undefined;
  simulcast?: Simulcast | undefined;
  /**
   * Of a local track with simulcast, where the offer has data channels: tells on stream 0 which layers are watched
   * (`ServerNotice`). Not known to Cloudflare's service.
   */
  tellWatched?: boolean | undefined;
}

/** What our media server says by itself, as JSON on the data channel `server-events`, stream 0. */
export interface ServerNotice {
  readonly notice: "watched";
  readonly trackName: string;
  /** The layers that somebody may be sent. */
  readonly rids: readonly string[];
}

export interface TracksRequest {
  /** Empty only with `autoDiscover`. */
  tracks: TrackObject[];
  /** Publishes every new sending m-line of the offer under a name that the server makes up. */
  autoDiscover?: boolean | undefined;
  sessionDescription?: SessionDescription | undefined;
}

export type TrackResult = TrackObject & CallsError;

export interface TracksResponse extends CallsError {
  requiresImmediateRenegotiation?: boolean | undefined;
  sessionDescription?: SessionDescription | undefined;
  tracks?: TrackResult[] | undefined;
}

/**
 * Not of the Calls API but of a room's door to it: a new session with what is to be done on it first, in one request. The
 * answers come one by one, as lines of JSON.
 */
export interface BeginRequest {
  push: TracksRequest;
  pull?: TracksRequest | undefined;
}
/** What the Calls API would have answered to this step. After one that failed comes none. */
export interface BeginStep {
  step: "session" | "push" | "pull";
  status: number;
  body: unknown;
}
export interface RenegotiateRequest {
  sessionDescription: SessionDescription;
}

export interface RenegotiateResponse extends CallsError {
  sessionDescription?: SessionDescription | undefined;
  /** Ours: m-lines of the offer that the answer refused, each with the reason; Calls itself says nothing of them. */
  tracks?: TrackResult[] | undefined;
}

export interface UpdateTracksRequest {
  /** Remote tracks by their receiving mid: with another publication, or with other simulcast wishes. */
  tracks: TrackObject[];
}

export interface UpdateTracksResponse extends CallsError {
  requiresImmediateRenegotiation?: boolean | undefined;
  tracks?: TrackResult[] | undefined;
}

export interface CloseTracksRequest {
  tracks: { mid: string }[];
  /** True stops the media without negotiating: the m-line stays. */
  force: boolean;
  sessionDescription?: SessionDescription | undefined;
}

export interface CloseTracksResponse extends CallsError {
  requiresImmediateRenegotiation?: boolean | undefined;
  sessionDescription?: SessionDescription | undefined;
  tracks?: ({ mid: string } & CallsError)[] | undefined;
}

export interface DataChannelObject {
  location?: "local" | "remote" | undefined;
  /** For remote channels: the session of the publisher. */
  sessionId?: string | undefined;
  dataChannelName?: string | undefined;
  /** SCTP stream id in the requesting session. */
  id?: number | undefined;
  /** Default true. */
  ordered?: boolean | undefined;
  maxRetransmits?: number | undefined;
  /** ms. */
  maxPacketLifeTime?: number | undefined;
  /** Subscriber only: nothing is delivered before its first message, which is swallowed. Default false. */
  waitForAck?: boolean | undefined;
  /** Subscriber only: may send to the publisher; at most one subscriber may. Default false. */
  canReply?: boolean | undefined;
}

export type DataChannelResult = DataChannelObject & CallsError;

export interface EstablishRequest {
  dataChannel: DataChannelObject;
  sessionDescription?: SessionDescription | undefined;
}

export interface EstablishResponse extends CallsError {
  requiresImmediateRenegotiation?: boolean | undefined;
  dataChannel?: DataChannelObject | undefined;
  sessionDescription?: SessionDescription | undefined;
}

export interface DataChannelsRequest {
  dataChannels: DataChannelObject[];
}

export interface DataChannelsResponse extends CallsError {
  dataChannels?: DataChannelResult[] | undefined;
}

export type TrackStatus = "active" | "inactive" | "initializing";

export interface TrackState {
  status: TrackStatus;
  /** Of a published track with simulcast: the layers that somebody may be sent. Not told by Cloudflare's service. */
  watchedRids?: string[] | undefined;
}

export interface SessionStateResponse extends CallsError {
  tracks?: (TrackObject & TrackState)[] | undefined;
  dataChannels?: (DataChannelObject & { status: TrackStatus })[] | undefined;
}
