/**
 * The chat of a room: reads the newest page and follows what is said. What was missed the room reads again by itself.
 *
 * Made when somebody wants it, so that a page without a chat asks for nothing.
 */
import type { ChatMessage, CommandResult } from "@satsuma/protocol";
import type { Room } from "../room.ts";
import type { Answer } from "../session/asks.ts";
import { type Readable, Store } from "../store.ts";
import { applied, type ChatView, emptyChat, refreshed, withPage } from "./log.ts";

/** Messages of one page. */
const pageLength = 50;

export interface SayOptions {
  /** A participant: then only that person and oneself read it. */
  readonly to?: string | undefined;
  /** The `seq` of the message that it answers. */
  readonly reply?: number | undefined;
  /** Identities. */
  readonly mentions?: readonly string[] | undefined;
}

export class Chat implements Readable<ChatView> {
  readonly #room: Pick<Room, "do" | "onHappening" | "subscribe" | "snapshot">;
  readonly #store = new Store(emptyChat);
  readonly #undo: (() => void)[];
  #connected = false;
  #reading = false;

  constructor(room: Pick<Room, "do" | "onHappening" | "subscribe" | "snapshot">) {
    this.#room = room;
    this.#undo = [
      room.onHappening((happening) => {
        if (happening.type === "chat") this.#store.set(applied(this.snapshot(), happening, (id) => this.#isOwn(id)));
        if (happening.type === "reread") this.#newest(happening);
      }),
      room.subscribe(() => this.#look()),
    ];
    this.#look();
  }

  readonly snapshot = (): ChatView => this.#store.snapshot();
  readonly subscribe = (listener: () => void): (() => void) => this.#store.subscribe(listener);

  say(text: string, { to, reply, mentions }: SayOptions = {}): Promise<Answer> {
    const options = { ...(to !== undefined && { to }), ...(reply !== undefined && { reply }) };
    return this.#room.do({ do: "say", text, ...options, ...(mentions && { mentions }) });
  }

  edit(seq: number, text: string): Promise<Answer> {
    return this.#room.do({ do: "edit", seq, text });
  }

  remove(seq: number): Promise<Answer> {
    return this.#room.do({ do: "delete", seq });
  }

  react(seq: number, emoji: string, on: boolean): Promise<Answer> {
    return this.#room.do({ do: "react", seq, emoji, on });
  }

  /** Reads a page of older messages. What goes wrong leaves things as they are; asking again is another try. */
  async older(): Promise<void> {
    const oldest = () => this.snapshot().messages[0]?.seq;
    const before = oldest();
    const page = before === undefined ? undefined : await this.#read({ before });
    // Meanwhile something else may be held, to which the page does not join on.
    if (page && oldest() === before) this.#store.set(withPage(this.snapshot(), page.messages, page.more));
  }

  /** Everything so far has been read. */
  seen(): void {
    if (this.snapshot().unread > 0) this.#store.set({ ...this.snapshot(), unread: 0 });
  }

  close(): void {
    for (const undo of this.#undo.splice(0)) undo();
  }

  /** The first page is asked for until it is there. */
  #look(): void {
    const connected = this.#room.snapshot().connection.state === "connected";
    if (connected === this.#connected) return;
    this.#connected = connected;
    if (connected && this.snapshot().older === undefined) void this.#begin();
  }

  async #begin(): Promise<void> {
    const page = await this.#read({});
    if (page) this.#newest(page);
  }

  #newest({ messages, more }: Page): void {
    this.#store.set(refreshed(this.snapshot(), messages, more));
  }

  async #read(from: { readonly before?: number }): Promise<Page | undefined> {
    if (this.#reading) return undefined;
    this.#reading = true;
    const answer = await this.#room.do({ do: "read", limit: pageLength, ...from });
    this.#reading = false;
    return answer.ok ? pageOf(answer.result) : undefined;
  }

  #isOwn(id: string): boolean {
    const { me, participants } = this.#room.snapshot();
    return id === me || participants.some(({ local, identity }) => local && identity === id);
  }
}

interface Page {
  readonly messages: readonly ChatMessage[];
  readonly more: boolean;
}

function pageOf(result: CommandResult | undefined): Page | undefined {
  return result?.of === "read" ? result : undefined;
}
