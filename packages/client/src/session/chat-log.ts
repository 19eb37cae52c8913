/**
 * What of the chat this client has heard, so that after a snapshot nothing is missing: it reads what was said meanwhile.
 *
 * Pure. Messages are known by `seq`, which holds over restarts of the server; the numbers of chat events do not. What was
 * changed meanwhile shows in the newest page, which is told as it is; of older messages it is not told again.
 */
import type { ChatMessage, Command, CommandResult, ServerMessage } from "@satsuma/protocol";
import type { Happening } from "./words.ts";

type Chat = Extract<ServerMessage, { readonly type: "chat" }>;
type Page = Extract<CommandResult, { readonly of: "read" }>;

/** Messages asked for at once. */
const page = 100;
/** Pages at the most; who was away for longer has a history to read, and no call to go on with. */
const mostPages = 10;

interface Reading {
  /** Messages up to this one are known. */
  readonly after: number;
  /** Came by themselves since the snapshot. */
  readonly heard: Set<number>;
  readonly found: ChatMessage[];
  readonly pages: number;
  readonly next: Command;
}

export class ChatLog {
  #last = 0;
  #joinedAt: number | undefined;
  #reading: Reading | undefined;

  /** `joinedAt` by the room's clock: what was said before is history. */
  joined(joinedAt: number): void {
    this.#joinedAt ??= joinedAt;
  }

  heard(chat: Chat): void {
    if (chat.event !== "said") return;
    this.#reading?.heard.add(chat.message.seq);
    this.#last = Math.max(this.#last, chat.message.seq);
  }

  /** Messages may be missing: what to ask the room for. */
  missed(): Command {
    // Interrupted, it begins anew where it began, since what came meanwhile may have come after a gap.
    const { after = this.#last, heard = new Set<number>() } = this.#reading ?? {};
    const next: Command = { do: "read", limit: page };
    this.#reading = { after, heard, found: [], pages: 1, next };
    return next;
  }

  /** What is still to be asked for, if anything is: a lost socket loses the question too. */
  get open(): Command | undefined {
    return this.#reading?.next;
  }

  /** The room would not say; then there is nothing to be done about it. */
  refused(): void {
    this.#reading = undefined;
  }

  /** What a page tells besides the next question; `n` is the number of the last chat event. */
  tell(answer: Page, n: number): { readonly told: readonly Happening[]; readonly ask: Command | undefined } {
    const { messages, more } = answer;
    const newest: Happening[] = this.#reading?.pages === 1 ? [{ type: "reread", messages, more }] : [];
    const found = this.read(answer);
    if ("ask" in found) return { told: newest, ask: found.ask };
    const missed = found.missed.map((message): Happening => ({ type: "chat", n, event: "said", message }));
    return { told: [...newest, ...missed], ask: undefined };
  }

  /** Takes a page, and gives the next question, or everything that was missed in the order in which it was said. */
  read({ messages, more }: Page): { readonly ask: Command } | { readonly missed: readonly ChatMessage[] } {
    const reading = this.#reading;
    if (reading === undefined) return { missed: [] };
    const isKnown = ({ seq, at }: ChatMessage) =>
      seq <= reading.after || (reading.after === 0 && at < (this.#joinedAt ?? 0));
    const found = [
      ...reading.found,
      ...messages.filter((message) => !isKnown(message) && !reading.heard.has(message.seq)),
    ];
    const oldest = Math.min(...messages.map(({ seq }) => seq));
    const reached = messages.length === 0 || messages.some(isKnown);
    if (more && !reached && reading.pages < mostPages) {
      const next: Command = { do: "read", before: oldest, limit: page };
      this.#reading = { ...reading, found, pages: reading.pages + 1, next };
      return { ask: next };
    }
    this.#reading = undefined;
    const missed = found.sort((a, b) => a.seq - b.seq);
    this.#last = Math.max(this.#last, ...missed.map(({ seq }) => seq));
    return { missed };
  }
}
