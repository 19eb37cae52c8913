/**
 * A member who never stops: talks, moves (renames), and when the server is gone comes back by itself with the same token,
 * saying again what was not answered, under the same number. What a client does, without a browser.
 */
import type { Command, ServerMessage } from "@satsuma/protocol";
import { WebSocket } from "ws";

/** Milliseconds between two tries to come back. */
const again = 50;
/** Milliseconds between two pings. */
export const pingInterval = 4_000;

export class Walker {
  readonly name: string;
  readonly participant: string;
  /** Texts whose saying was acknowledged. */
  readonly said: string[] = [];
  /** Names that were acknowledged, the last one last. */
  readonly named: string[] = [];
  /** Codes of errors, which there should be none of. */
  readonly refused: string[] = [];
  /** When it was last welcomed, in milliseconds since the epoch, and the stay that this was in. */
  welcomedAt = 0;
  joinedAt = 0;
  readonly #url: string;
  readonly #token: string;
  readonly #ping: NodeJS.Timeout;
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
    this.#ping = setInterval(() => {
      if (this.isIn) this.#socket?.send(JSON.stringify({ type: "ping" }));
    }, pingInterval);
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
    clearInterval(this.#ping);
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
    socket.on("close", () => {
      this.#joined = false;
      setTimeout(() => this.#connect(), again);
    });
  }

  #hear(message: ServerMessage): void {
    if (message.type === "welcome") {
      this.#joined = true;
      this.welcomedAt = Date.now();
      this.joinedAt = message.you.joinedAt;
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
    if (message.type === "ack" && command.do === "rename") this.named.push(command.name);
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
