/** A room's WebSocket: frames become parsed messages, and nothing is decided here. */
import { type ClientMessage, parseServerMessage, type ServerMessage } from "@satsuma/protocol";

export interface SocketEvents {
  opened(): void;
  message(message: ServerMessage): void;
  /** Called once. `reason` is an error code when the server refused. */
  closed(reason: string): void;
}

export class Socket {
  readonly #socket: WebSocket;
  #done = false;

  constructor(url: string, events: SocketEvents) {
    this.#socket = new WebSocket(url);
    this.#socket.onopen = () => events.opened();
    this.#socket.onmessage = (event) => {
      const parsed = typeof event.data === "string" ? parseServerMessage(event.data) : undefined;
      // A frame that cannot be read is a newer server's word; what it changed shows as a version gap and is resynced.
      if (parsed?.ok) events.message(parsed.value);
    };
    this.#socket.onclose = (event) => {
      if (this.#done) return;
      this.#done = true;
      events.closed(event.reason);
    };
  }

  send(message: ClientMessage): void {
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(message));
  }

  /** Ends the socket as a fault does: whoever listens hears that it closed. */
  break(): void {
    this.#socket.close(3000, "simulated");
  }

  /** Ends the socket without a further event. */
  close(): void {
    this.#done = true;
    this.#socket.close(1000);
  }
}
