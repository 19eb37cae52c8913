/** What a media server asks of whatever it runs on. */
import type { Elsewhere } from "./pipe/line.ts";
import type { Transports } from "./transport.ts";

export interface SfuPlatform {
  readonly transports: Transports;
  /** Milliseconds, monotonic. */
  now(): number;
  /**
   * ms, when this process had last done all that had come: what waits for it now came after that. Without it nothing counts
   * as waiting.
   */
  restedAt?(now: number): number;
  /**
   * Calls back once, when all that waits for this process now has been handed over: it is passed on together then. Without it
   * each packet is as it comes.
   */
  afterTurn?(step: () => void): void;
  /** Sets the one alarm, or clears it; when it rings, call `wake`. */
  setAlarm(at: number | undefined): void;
  /** 32 hexadecimal digits, unguessable. */
  newId(): string;
  /** Uniform in 0 … 2³²−1. */
  random32(): number;
  /** Other servers of the same apps, whose tracks can be pulled here. */
  readonly elsewhere?: Elsewhere;
}
