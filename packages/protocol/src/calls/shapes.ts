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

export interface TrackObject {
  location?: "local" | "remote" | undefined;
  /** The m-line's mid in the requesting session. */
  mid?: string | undefined;
  /** For remote tracks: the session of the publisher. */
  sessionId?: string | undefined;
  trackName?: string | undefined;
  kind?: "audio" | "video" | undefined;
}

export interface TracksRequest {
  tracks: TrackObject[];
  sessionDescription?: SessionDescription | undefined;
}

export type TrackResult = TrackObject & CallsError;

export interface TracksResponse extends CallsError {
  requiresImmediateRenegotiation?: boolean | undefined;
  sessionDescription?: SessionDescription | undefined;
  tracks?: TrackResult[] | undefined;
}

export interface RenegotiateRequest {
  sessionDescription: SessionDescription;
}

export interface RenegotiateResponse extends CallsError {
  sessionDescription?: SessionDescription | undefined;
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

export type TrackStatus = "active" | "inactive" | "initializing";

export interface SessionStateResponse extends CallsError {
  tracks?: (TrackObject & { status: TrackStatus })[] | undefined;
}
