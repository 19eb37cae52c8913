/** What every adapter is to those who keep them. */
export interface Adapter {
  readonly app: string;
  /** PCM bytes that went through. */
  readonly bytesProcessed: number;
  nextDeadline(): number | undefined;
  wake(now: number): void;
  /** Ends it and its session. Idempotent. */
  close(): void;
}

/** What an adapter may ask of those who keep it. */
export interface AdapterHost {
  readonly now: () => number;
  /** Its next deadline may be another. */
  readonly changed: () => void;
  /** It is over: its session is to be ended, and it is to be forgotten. Told once. */
  readonly over: () => void;
}
