/** What is measured: anything that takes one publisher and sends its packets on to receivers. */

export interface Contender {
  readonly name: string;
  /** Starts it without any session. Rejects with `MissingError` where it cannot be had. */
  start(): Promise<Running>;
}

export interface Running {
  readonly pids: readonly number[];
  /** The loopback address that its media comes to. */
  readonly address: string;
  /** Answers a publisher's offer. */
  publish(offer: string): Promise<string>;
  /** Offers the published track to one more receiver; `answered` takes its answer. */
  pull(): Promise<{ readonly offer: string; answered(answer: string): Promise<void> }>;
  /** Ends all sessions and the processes. */
  stop(): Promise<void>;
}

/** Its message is the line that the report prints in place of numbers. */
export class MissingError extends Error {}
