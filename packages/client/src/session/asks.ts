/**
 * Commands that an app gave: each is answered exactly once, across lost sockets.
 *
 * An unanswered command is sent again under its id after a return; the room does it once and answers twice. More than can
 * be waited for are refused here, so that a page without a connection does not fill its memory.
 */
import { type Command, type CommandResult, type Refusal, refusal } from "@satsuma/protocol";

export type Answer =
  | { readonly ok: true; readonly version: number; readonly result?: CommandResult | undefined }
  | { readonly ok: false; readonly refusal: Refusal };

/** An app that has more than these under way does not wait for answers. */
const most = 64;

export class Asks {
  /** By command id, in the order in which they were given. */
  readonly #waiting = new Map<number, { readonly ask: number; readonly command: Command }>();

  /** Undefined if it may be sent, under that id; otherwise why not. */
  add(id: number, ask: number, command: Command): Refusal | undefined {
    if (this.#waiting.size >= most) {
      return refusal("too-many-requests", `More than ${most} commands wait for their answers.`);
    }
    this.#waiting.set(id, { ask, command });
    return undefined;
  }

  /** Which ask an answer is for; undefined if it is for none. */
  answered(id: number): number | undefined {
    const known = this.#waiting.get(id);
    this.#waiting.delete(id);
    return known?.ask;
  }

  /** Everything unanswered, to be sent again on a new socket. */
  again(): readonly { readonly id: number; readonly command: Command }[] {
    return [...this.#waiting].map(([id, { command }]) => ({ id, command }));
  }

  /** Nothing will be answered any more. */
  end(): readonly number[] {
    const asks = [...this.#waiting.values()].map(({ ask }) => ask);
    this.#waiting.clear();
    return asks;
  }
}
