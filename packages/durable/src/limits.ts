/** Ceilings of one actor. Where Cloudflare has the limit too, ours is the same or the stricter of its two storage backends. */
export const limits = {
  /** Bytes of an actor's name in UTF-8, as at Cloudflare. */
  nameBytes: 1_024,
  /** Bytes of a key in UTF-8: the limit of key-value backed Durable Objects, so that data fits either backend. */
  keyBytes: 2_048,
  /** Bytes of a key and its value together: the limit of SQLite-backed Durable Objects. */
  entryBytes: 2_097_152,
  /** Bytes of a socket's attachment; with `detailBytes` it stays under the 16,384 of a Durable Object. */
  attachmentBytes: 8_192,
  /** Bytes of what a door tells about a socket when it connects, as JSON. */
  detailBytes: 4_096,
  /** Bytes of the reason a socket is closed with (RFC 6455, 5.5.1). */
  reasonBytes: 123,
  /** Inputs that may wait for one actor before further ones are refused. */
  inputsWaiting: 10_000,
  /** Retries of an alarm whose handler throws; the first waits `alarmRetryMs`, each next twice as long. */
  alarmRetries: 6,
  alarmRetryMs: 2_000,
} as const;

/** How long things may take. Every runtime takes a partial one and fills it from `defaultPatience`. */
export interface Patience {
  /** Milliseconds a handler may run. An input may wait twice as long for its turn, so as to outwait one that hangs. */
  readonly inputMs: number;
  /** Milliseconds without an input after which an actor sleeps; Infinity leaves that to the runtime. */
  readonly idleMs: number;
  /** Milliseconds before the second try of a start that failed; doubles up to `restartMaxMs`. */
  readonly restartMs: number;
  readonly restartMaxMs: number;
}

export const defaultPatience: Patience = { inputMs: 30_000, idleMs: 10_000, restartMs: 100, restartMaxMs: 30_000 };
