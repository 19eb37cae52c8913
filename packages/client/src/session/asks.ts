/**
 * Commands that an app gave: each is answered exactly once, across lost sockets.
 *
 * An unanswered command is sent again under its id after a return; the room does it once and answers twice. More than can
 * be waited for are refused here, so that a page without a connection does not fill its memory.
 */
import { type Command, type CommandResult, type Refusal, refusal, type ServerMessage } from "@satsuma/protocol";

export type Answer =
  | { readonly ok: true; readonly version: number; readonly result?: CommandResult | undefined }
  | { readonly ok: false; readonly refusal: Refusal };

export interface Answered {
  readonly ask: number;
  readonly answer: Answer;
}

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

  /** What an answer of the room means to whoever asked; undefined if nobody did. */
  answered(message: Extract<ServerMessage, { type: "ack" | "error" }>): Answered | undefined {
    const known = message.id === undefined ? undefined : this.#waiting.get(message.id);
    if (message.id === undefined || known === undefined) return undefined;
    this.#waiting.delete(message.id);
    const { ask } = known;
    if (message.type === "error") {
      const { type: _, id: __, ...why } = message;
      return { ask, answer: { ok: false, refusal: why } };
    }
    const { version, result } = message;
    return { ask, answer: { ok: true, version, result } };
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
