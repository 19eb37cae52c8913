export { parseCloseTracks, parseNewSession, parseRenegotiate, parseTracks } from "./calls/parse.ts";
export type {
  CallsError,
  CloseTracksRequest,
  CloseTracksResponse,
  NewSessionRequest,
  NewSessionResponse,
  RenegotiateRequest,
  RenegotiateResponse,
  SessionDescription,
  SessionStateResponse,
  TrackObject,
  TrackResult,
  TrackStatus,
  TracksRequest,
  TracksResponse,
} from "./calls/shapes.ts";
export { type ErrorCode, errors, type Refusal, RefusedError, refusal, refusalOf } from "./errors.ts";
export { limits } from "./limits.ts";
export { type Result, unwrap } from "./result.ts";
export type { TokenRequest, TokenResponse } from "./room/http.ts";
export { type ClientMessage, type Command, roomProtocol, type ServerMessage } from "./room/messages.ts";
export { commandIdOf, nameSchema, parseClientMessage, parseServerMessage, parseTokenRequest } from "./room/parse.ts";
export {
  applyChange,
  applyDelta,
  type Change,
  type Delta,
  emptyRoom,
  type LeaveReason,
  type Participant,
  type ParticipantConnection,
  type RoomState,
  type Track,
  type TrackKind,
  type TrackSource,
} from "./room/state.ts";
