/**
 * A member who never stops: talks, moves (renames), and when the server is gone comes back by itself with the same token,
 * saying again what was not answered, under the same number. What a client does, without a browser.
 */
import type { Command, ServerMessage } from "@satsuma/protocol";
import { WebSocket } from "ws";

/** Milliseconds between two tries to come back. */
const again = 50;

export class Walker {
  readonly name: string;
  readonly participant: string;
  /** Texts whose saying was acknowledged. */
  readonly said: string[] = [];
  /** The last name that was acknowledged. */
  named: string | undefined;
  /** Codes of errors, which there should be none of. */
  readonly refused: string[] = [];
  /** Its place had been given up, and with it the name that it had given itself. */
  anew = false;
  #joinedAt: number | undefined;
  #doubtful: number | undefined;
  readonly #url: string;
  readonly #token: string;
  #socket: WebSocket | undefined;
  #isGone = false;
  #count = 0;
  #pending: { readonly id: number; readonly command: Command } | undefined;
  #isTalking = false;

  constructor(url: string, name: string, issued: { readonly token: string; readonly participant: string }) {
    this.#url = url;
    this.name = name;
    this.#token = issued.token;
    this.participant = issued.participant;
    this.#connect();
  }

  get isIn(): boolean {
    return this.#socket?.readyState === WebSocket.OPEN && this.#joined;
  }
  #joined = false;

  talk(): void {
    this.#isTalking = true;
    if (this.#pending === undefined) this.#next();
  }

  /** Says nothing new; what was said last may still be answered. */
  hush(): void {
    this.#isTalking = false;
  }

  get isAnswered(): boolean {
    return this.#pending === undefined;
  }

  /** Goes for good, without a word. */
  vanish(): void {
    this.#isGone = true;
    this.#socket?.terminate();
  }

  #connect(): void {
    if (this.#isGone) return;
    const socket = new WebSocket(this.#url);
    this.#socket = socket;
    this.#joined = false;
    socket.on("open", () => {
      socket.send(JSON.stringify({ type: "hello", protocols: [2], client: this.name, token: this.#token }));
    });
    socket.on("message", (data) => this.#hear(JSON.parse(data.toString()) as ServerMessage));
    socket.on("error", () => undefined);
    socket.on("close", () => setTimeout(() => this.#connect(), again));
  }

  #hear(message: ServerMessage): void {
    if (message.type === "welcome") {
      this.#joined = true;
      const { joinedAt } = message.you;
      if (this.#joinedAt !== undefined && this.#joinedAt !== joinedAt) {
        this.anew = true;
        this.named = undefined;
        // It may have been done in the stay before, and is then answered again and not done again.
        this.#doubtful = this.#pending?.id;
      }
      this.#joinedAt = joinedAt;
      if (this.#pending !== undefined) this.#send();
      else if (this.#isTalking) this.#next();
    }
    if (message.type === "error") this.refused.push(message.code);
    const pending = this.#pending;
    if ((message.type !== "ack" && message.type !== "error") || pending === undefined) return;
    if (message.id !== pending.id) return;
    const { command } = pending;
    this.#pending = undefined;
    if (message.type === "ack" && command.do === "say") this.said.push(command.text);
    const isDoubtful = pending.id === this.#doubtful;
    if (message.type === "ack" && command.do === "rename" && !isDoubtful) this.named = command.name;
    if (this.#isTalking) setTimeout(() => this.#next(), 5);
  }

  #next(): void {
    if (this.#pending !== undefined || !this.#isTalking) return;
    this.#count += 1;
    const text = `${this.name} ${this.#count}`;
    const command: Command = this.#count % 3 === 0 ? { do: "rename", name: text } : { do: "say", text };
    this.#pending = { id: this.#count, command };
    if (this.isIn) this.#send();
  }

  #send(): void {
    this.#socket?.send(JSON.stringify({ type: "command", ...this.#pending }));
  }
}
