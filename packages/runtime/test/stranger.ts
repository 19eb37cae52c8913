/**
 * A client of the room protocol written from `docs/protocol.md` alone, with nothing of ours but the page: it shows that the
 * page is enough. It is not to be made shorter with this repository's code.
 */
import { WebSocket } from "ws";

// biome-ignore lint/suspicious/noExplicitAny: a stranger has no types of ours.
type Json = Record<string, any>;

export class Stranger {
  state: Json = {};
  you: Json = {};
  readonly texts = new Map<number, string>();
  closed: string | undefined;
  #socket: WebSocket | undefined;
  #resume: Json | undefined;
  #ping: NodeJS.Timeout | undefined;
  #lastId = 0;
  readonly #client = Math.random().toString(36).slice(2);
  readonly #waiting = new Map<number, { command: Json; done: (answer: Json) => void }>();

  /** Section 2, and 8 when it comes back. */
  open(url: string, token: string): void {
    this.closed = undefined;
    this.#socket = new WebSocket(url);
    const hello = { type: "hello", protocols: [2], token, client: this.#client };
    this.#socket.on("open", () => this.#say(this.#resume ? { ...hello, resume: this.#resume } : hello));
    this.#socket.on("message", (data) => this.#hear(JSON.parse(String(data))));
    this.#socket.on("close", (_, reason) => {
      this.closed = String(reason) || "lost";
      clearInterval(this.#ping);
    });
  }

  cut(): void {
    this.#socket?.terminate();
  }

  /** Section 6. */
  command(command: Json): Promise<Json> {
    const id = ++this.#lastId;
    return new Promise((done) => {
      this.#waiting.set(id, { command, done });
      this.#say({ type: "command", id, command });
    });
  }

  #say(message: Json): void {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(message));
  }

  #hear(message: Json): void {
    if (message.type === "welcome") {
      this.you = message.you;
      this.#ping = setInterval(() => this.#say({ type: "ping" }), message.pingInterval);
      this.#resume = { version: this.state.version ?? 0, chat: 0, ...this.#resume, lineage: message.lineage };
      for (const [id, { command }] of this.#waiting) this.#say({ type: "command", id, command });
    } else if (message.type === "snapshot") {
      this.state = message.state;
      this.#resume = { ...this.#resume, version: message.state.version, chat: message.chat };
    } else if (message.type === "delta") {
      if (message.after !== this.state.version) {
        if (message.version > this.state.version) this.#say({ type: "resync" });
        return;
      }
      for (const change of message.changes) this.#apply(change);
      this.state.version = message.version;
      this.#resume = { ...this.#resume, version: message.version };
    } else if (message.type === "chat") {
      if (message.event === "said") this.texts.set(message.message.seq, message.message.text);
      else if (message.event === "edited") this.texts.set(message.seq, message.text);
      else if (message.event === "deleted") this.texts.delete(message.seq);
      this.#resume = { ...this.#resume, chat: message.n };
    } else if (message.type === "you") this.you = message.you;
    else if (message.type === "ack" || message.type === "error") {
      this.#waiting.get(message.id)?.done(message);
      this.#waiting.delete(message.id);
    }
  }

  /** Section 4, those changes that the test needs. */
  #apply(change: Json): void {
    const { participants, hands } = this.state;
    const one = participants.find(({ id }: Json) => id === change.id) ?? { tracks: [] };
    if (change.change === "joined")
      this.state.participants = [
        ...participants.filter((each: Json) => each.id !== change.participant.id),
        change.participant,
      ];
    if (change.change === "left") this.state.participants = participants.filter(({ id }: Json) => id !== change.id);
    if (change.change === "renamed") one.name = change.name;
    if (change.change === "connection") one.connection = change.connection;
    if (change.change === "published")
      one.tracks = [...one.tracks.filter(({ name }: Json) => name !== change.track.name), change.track];
    if (change.change === "muted") one.tracks.find(({ name }: Json) => name === change.name).muted = change.muted;
    if (change.change === "raised")
      this.state.hands = [...hands.filter(({ id }: Json) => id !== change.hand.id), change.hand];
    if (change.change === "lowered") this.state.hands = hands.filter(({ id }: Json) => id !== change.id);
  }
}
