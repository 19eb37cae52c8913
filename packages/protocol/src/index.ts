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
  parseBegin,
  parseCloseTracks,
  parseDataChannels,
  parseEstablish,
  parseNewSession,
  parseRenegotiate,
  parseTracks,
  parseUpdateTracks,
} from "./calls/parse.ts";
export type {
  BeginRequest,
  BeginStep,
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
  ServerNotice,
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
export { nameIn } from "./name.ts";
export type {
  OrangeClientMessage,
  OrangeHistoryEntry,
  OrangeServerMessage,
  OrangeTrackObject,
} from "./orange/messages.ts";
export { parseOrangeMessage } from "./orange/parse.ts";
export { type OrangeAi, type OrangeRoomState, type OrangeUser, orangeAiUser } from "./orange/state.ts";
export { type Result, unwrap } from "./result.ts";
export {
  type ApiDone,
  type ApiMeeting,
  type ApiOrder,
  type ApiPage,
  type ApiRoom,
  type ApiRoomSummary,
  type ApiTokenRequest,
  type ApiVisit,
  parseApiOrder,
  parseApiTokenRequest,
} from "./room/api.ts";
export type { ChatAuthor, ChatEvent, ChatMessage } from "./room/chat.ts";
export type { Command, JsonValue, RuleChanges } from "./room/commands.ts";
export type { Actor, EndReason, Occurrence, RoomEvent, Subject } from "./room/events.ts";
export { type Grant, grants, type Role, roleGrants, trackGrants } from "./room/grants.ts";
export type { TokenRequest, TokenResponse } from "./room/http.ts";
export {
  type ClientMessage,
  type CommandResult,
  type Entry,
  type Notice,
  type Person,
  personOf,
  type Resume,
  roomProtocols,
  type Self,
  type ServerMessage,
  type Signal,
} from "./room/messages.ts";
export type { Note, Noted, NotedCall } from "./room/notes.ts";
export { commandIdOf, parseClientMessage, parseServerMessage, parseTokenRequest } from "./room/parse.ts";
export {
  applyPresence,
  emptyPresence,
  type Presence,
  type PresenceUpdate,
  type Quality,
  settlePresence,
} from "./room/presence.ts";
export type { ConnectionStates, QualitySample, Report, SampledTrack } from "./room/report.ts";
export { commandSchema } from "./room/schema/client.ts";
export { nameSchema } from "./room/schema/words.ts";
export {
  type Attributes,
  applyChange,
  applyDelta,
  type Change,
  type Delta,
  emptyRoom,
  type Hand,
  joinDeltas,
  type LeaveReason,
  type Meeting,
  openRules,
  type Participant,
  type ParticipantConnection,
  type Poll,
  type RoomState,
  type Rules,
  type Track,
  type TrackKind,
  type TrackSource,
} from "./room/state.ts";
export {
  type ApiDeadLetter,
  type ApiDelivery,
  type ApiWebhook,
  type ApiWebhookChange,
  type ApiWebhookRequest,
  type ApiWebhookSecret,
  parseApiWebhookChange,
  parseApiWebhookRequest,
  type WebhookBody,
} from "./room/webhooks.ts";
