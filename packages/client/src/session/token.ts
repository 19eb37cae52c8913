/**
 * The room token: had from the app, and had anew once a server no longer takes it, as in a call that outlives its token.
 */
import { type Refusal, RefusedError, refusal } from "@satsuma/protocol";

import { within } from "../within.ts";

export type TokenSource = string | (() => Promise<string>);

/** Milliseconds that an app is waited for, a little less than a step of joining may take. Then it is asked once more. */
const patience = 9_000;

export class RoomToken {
  readonly #source: TokenSource;
  #current = "";
  #asking: Promise<string> | undefined;
  #asks = 0;

  constructor(source: TokenSource) {
    this.#source = source;
  }

  /** Empty before the first was had. */
  get current(): string {
    return this.#current;
  }

  /** Asks the app, once for all who ask meanwhile. Rejects with what the app throws; `again` when the last one was refused. */
  ask(again: boolean): Promise<string> {
    this.#asking ??= within(patience, this.#ask(again)).finally(() => {
      this.#asking = undefined;
    });
    return this.#asking;
  }

  /** Sees to another one in place of `refused`; false when there is none to be had. */
  async renew(refused: string): Promise<boolean> {
    if (this.#current !== refused) return true;
    try {
      return (await this.ask(true)) !== refused;
    } catch {
      // Whoever was refused is told that, which says more than why the app has no other.
      return false;
    }
  }

  async #ask(again: boolean): Promise<string> {
    const source = this.#source;
    if (again && typeof source === "string") throw new RefusedError("bad-token", "The token is no longer valid.");
    this.#asks += 1;
    const ask = this.#asks;
    const token = typeof source === "string" ? source : await source();
    // One that was not waited for any more may come after the next one.
    if (ask === this.#asks) this.#current = token;
    return token;
  }
}

/** What an app's function that has no token means for joining. */
export function tokenRefusal(thrown: unknown): Refusal {
  if (thrown instanceof RefusedError) return refusal(thrown.code, thrown.message);
  return refusal("internal", "The token could not be had.");
}
