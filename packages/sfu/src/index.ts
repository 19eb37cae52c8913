export { Adapters } from "./adapters/adapters.ts";
export { type AdapterLimits, defaultAdapterLimits } from "./adapters/limits.ts";
export { mostMessageBytes } from "./adapters/packet.ts";
export type {
  AdapterPlatform,
  AdapterSocket,
  AudioDecoder,
  AudioEncoder,
  SocketListener,
} from "./adapters/platform.ts";
export { type ApiOptions, createApi } from "./api/app.ts";
export { createFront, type FrontOptions } from "./api/front.ts";
export { type Forwarded, GoneError, type Servers } from "./api/servers.ts";
export { defaultLimits, type SfuConfig, type SfuLimits } from "./config.ts";
export { appsOf } from "./manage/apps.ts";
export { type Key, type KeyKind, type KeyPlatform, type KeyStore, Keys } from "./manage/keys.ts";
export { memoryKeys } from "./manage/memory.ts";
export { type ManageOptions, manageRoutes } from "./manage/routes.ts";
export { headerBytes, writeHead } from "./pipe/frame.ts";
export type { Elsewhere, Line, LineListener } from "./pipe/line.ts";
export { mostServers, numbered, numberIn } from "./pipe/number.ts";
export type { SfuPlatform } from "./platform.ts";
export { Sfu } from "./sfu.ts";
export type {
  Channel,
  ChannelListener,
  ChannelOptions,
  FirstChannels,
  LocalParameters,
  PeerParameters,
  Transport,
  TransportListener,
  TransportState,
  Transports,
} from "./transport.ts";
export { type CloudflareOptions, cloudflareRelay } from "./turn/cloudflare.ts";
export { type CredentialsWish, iceServersOf, issuedBy, type Relay, usernameOf } from "./turn/relay.ts";
export { type TurnOptions, turnRoutes } from "./turn/routes.ts";
export { type RelayPlatform, type SharedSecretOptions, sharedSecretRelay } from "./turn/shared-secret.ts";
export { memoryUsage } from "./usage/memory.ts";
export { Meter } from "./usage/meter.ts";
export type { UsageOptions } from "./usage/routes.ts";
export type { UsageBy, UsageQuery, UsageRow, UsageStore } from "./usage/store.ts";
export type { StreamGrant, StreamTokens } from "./whip/tokens.ts";
