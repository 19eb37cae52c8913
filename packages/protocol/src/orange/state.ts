/**
 * The room as Orange Meets' client sees it (as of October 2025), field for field. Names are Orange's own, also where we
 * would have chosen others.
 */

/** `session/name`, split at the slash by the client; neither part holds one. */
export type OrangeTrackString = string;

export interface OrangeTracks {
  readonly audio?: OrangeTrackString | undefined;
  readonly audioEnabled?: boolean | undefined;
  readonly audioUnavailable: boolean;
  readonly video?: OrangeTrackString | undefined;
  readonly videoEnabled?: boolean | undefined;
  readonly screenshare?: OrangeTrackString | undefined;
  readonly screenShareEnabled?: boolean | undefined;
}

export interface OrangeUser {
  /** What the client gave as `_pk` when it connected. */
  readonly id: string;
  readonly name: string;
  /** Its session at the media server. */
  readonly transceiverSessionId?: string | undefined;
  readonly raisedHand: boolean;
  readonly speaking: boolean;
  /** False in the lobby. */
  readonly joined: boolean;
  readonly tracks: OrangeTracks;
}

export interface OrangeAi {
  readonly enabled: boolean;
  readonly controllingUser?: string | undefined;
  readonly error?: string | undefined;
  readonly connectionPending?: boolean | undefined;
}

export interface OrangeRoomState {
  /** The client shows a spinner for as long as there is none. */
  readonly meetingId?: string | undefined;
  readonly users: readonly OrangeUser[];
  readonly ai: OrangeAi;
}

/** The id of the AI among the users; nobody else may have it. */
export const orangeAiUser = "ai";
