import { RefusedError } from "@satsuma/protocol";
import type { Outcome } from "./actor.ts";
import { copy } from "./copy.ts";
import type { Output } from "./gate.ts";
import type { Job } from "./job.ts";
import type { Refused } from "./life.ts";

/** What an ask comes to, cloned when its handler ends and told when its writes are durable. */
export class Answer implements Output {
  readonly #job: Job & { type: "ask" };
  #outcome: Outcome<unknown>;

  constructor(job: Job & { type: "ask" }, outcome: Outcome<unknown>) {
    this.#job = job;
    this.#outcome = outcome;
    try {
      if (outcome.ok && typeof outcome.value === "object") this.#outcome = { ok: true, value: copy(outcome.value) };
      else if (outcome.ok) copy(outcome.value);
    } catch (error) {
      this.#outcome = { ok: false, error };
    }
  }

  settled(lost: unknown): void {
    if (lost !== undefined) this.#job.reject(lost);
    else if (this.#outcome.ok) this.#job.resolve(this.#outcome.value);
    else this.#job.reject(publicError(this.#outcome.error));
  }
}

/** What people are told of inputs that never ran, or not to their end. */
export const refusals: Record<Refused, string> = {
  "too-many-requests": "Too many inputs wait for this actor.",
  "start-failed": "The actor could not be started.",
  "timed-out": "The actor took too long.",
  "storage-failed": "What the actor wrote could not be stored.",
  restarted: "The actor's data was replaced while it worked.",
  closed: "The actors of this process are closed.",
};

/** An error as whoever asked may know it; its cause is for logs. */
export function publicError(error: unknown): RefusedError {
  if (error instanceof RefusedError) return error;
  return new RefusedError("internal", "The actor's handler failed.", { cause: error });
}
