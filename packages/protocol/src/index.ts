export {
  type CloseAdaptersRequest,
  type CloseAdaptersResponse,
  type NewAdapter,
  type NewAdapterResult,
  type NewAdaptersResponse,
  parseCloseAdapters,
  parseNewAdapters,
} from "./calls/adapters.ts";
export {
  type Envelope,
  type IceServer,
  type KeyRequest,
  longestTurnTtl,
  type ManagedKey,
  parseKeyRequest,
  parseRotateRequest,
  parseTurnRequest,
  type RotateRequest,
  type TurnCredentialsRequest,
} from "./calls/manage.ts";
export {
  parseCloseTracks,
  parseDataChannels,
  parseEstablish,
  parseNewSession,
  parseRenegotiate,
  parseTracks,
  parseUpdateTracks,
} from "./calls/parse.ts";
export type {
  CallsError,
  CloseTracksRequest,
  CloseTracksResponse,
  DataChannelObject,
  DataChannelResult,
  DataChannelsRequest,
  DataChannelsResponse,
  EstablishRequest,
  EstablishResponse,
  NewSessionRequest,
  NewSessionResponse,
  RenegotiateRequest,
  RenegotiateResponse,
  SessionDescription,
  SessionStateResponse,
  Simulcast,
  TrackObject,
  TrackResult,
  TrackStatus,
  TracksRequest,
  TracksResponse,
  UpdateTracksRequest,
  UpdateTracksResponse,
} from "./calls/shapes.ts";
export type { LayerStats, PublishedStats, ReceivedStats, SessionStats } from "./calls/stats.ts";
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
