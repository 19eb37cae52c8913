/** Every bound and interval of the adapters, with its unit and the reason for its default. */
export interface AdapterLimits {
  /** Adapters at once. One costs 1.5 % of a core for ingest and 0.5 % for egress (docs/decisions/0009-audio-codec.md). */
  readonly adapters: number;
  /** ms for a WebSocket to open: name, TCP, TLS and handshake. */
  readonly dial: number;
  /** ms in which a lost egress connection is dialled again (Calls platform limits). Ingest is never. */
  readonly reconnect: number;
  /** ms without a packet after which egress ends, as a silent track does. */
  readonly silence: number;
}

export const defaultAdapterLimits: AdapterLimits = {
  adapters: 32,
  dial: 10_000,
  reconnect: 15_000,
  silence: 30_000,
};
