/** Calls of one session that wait until its transport is connected. Time comes in; who waited is told by `settle`. */
import { RefusedError } from "@satsuma/protocol";
import type { Lifetime } from "./lifetime.ts";

interface Waiter {
  /** ms. */
  readonly deadline: number;
  readonly resolve: () => void;
  readonly reject: (error: RefusedError) => void;
}

const notReady = "The session is not connected yet. Make sure that its PeerConnection is, and try again.";

export class Patience {
  #waiters: Waiter[] = [];

  /** Resolves when the transport is connected; throws `session_not_ready` when it is not in time. */
  wait(deadline: number): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#waiters.push({ deadline, resolve, reject });
    return promise;
  }

  /** Answers those who wait, as far as their question is decided. */
  settle({ state }: Lifetime, now: number): void {
    for (const waiter of this.#waiters.splice(0)) {
      if (state === "connected") waiter.resolve();
      else if (state === "ended")
        waiter.reject(new RefusedError("session_error", "The session has ended. Start a new one."));
      else if (now >= waiter.deadline) waiter.reject(new RefusedError("session_not_ready", notReady));
      else this.#waiters.push(waiter);
    }
  }

  nextDeadline(): number | undefined {
    return this.#waiters.length === 0 ? undefined : Math.min(...this.#waiters.map((waiter) => waiter.deadline));
  }
}
