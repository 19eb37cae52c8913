export {
  type CallOptions,
  CallsClient,
  type CallsClientOptions,
  type Clock,
  cloudflareUrl,
  type NewSessionOptions,
} from "./client.ts";
export { CallsRefusal, type CallsRefusalDetails } from "./refusal.ts";
export { type NotesOptions, type PageOptions, RoomsClient, type RoomsClientOptions } from "./rooms.ts";
