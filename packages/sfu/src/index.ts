export { type ApiOptions, createApi } from "./api/app.ts";
export { defaultLimits, type SfuConfig, type SfuLimits } from "./config.ts";
export { Sfu, type SfuPlatform } from "./sfu.ts";
export type {
  LocalParameters,
  PeerParameters,
  Transport,
  TransportListener,
  TransportState,
  Transports,
} from "./transport.ts";
