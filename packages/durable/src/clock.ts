/** Time as a shell sees it: real in a runtime, turned by hand in memory. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Calls back once, never before `at`. The result cancels. */
  wake(at: number, run: () => void): () => void;
}
