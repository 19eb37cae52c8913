export { CallsClient, type CallsClientOptions, cloudflareUrl } from "./client.ts";
export { CallsRefusal, type CallsRefusalDetails } from "./refusal.ts";
