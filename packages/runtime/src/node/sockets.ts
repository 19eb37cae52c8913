/**
 * The WebSocket door at `/rooms/:room`: who may open a socket, how much it may say, how much may wait for it.
 *
 * Knows frames and bytes, not messages: text goes to the socket's seat (seat.ts), effects come back through an outlet
 * (outlet.ts). A reader that does not keep up is closed, so that it costs the others nothing.
 */
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { errors, limits, type Refusal, type Result, refusal } from "@satsuma/protocol";
import { type Claims, parseRoomName } from "@satsuma/rooms";
import { type RawData, WebSocketServer } from "ws";
import type { Log } from "./log.ts";
import { Outlet, SpokenClose } from "./outlet.ts";
import type { Rooms } from "./rooms.ts";
import { Seat } from "./seat.ts";

export interface SocketSettings {
  /** Sockets of the whole process. Each costs about 30 kB; 20,000 fit into a small machine's memory. */
  readonly sockets?: number;
  /** Bytes that may wait for one reader. 1 MiB is some thousand deltas, which a live reader takes in a second. */
  readonly waitingBytes?: number;
}

export interface SocketsContext {
  readonly rooms: Rooms;
  readonly verify: (token: string, room: string) => Promise<Result<Claims>>;
  readonly log: Log;
  readonly settings?: SocketSettings;
}

/** Milliseconds that a peer has to answer a close before its connection is cut. */
const closeTimeout = 2_000;

const serverOptions = {
  noServer: true,
  maxPayload: limits.messageBytes,
  perMessageDeflate: false,
  // Answered by the outlet, within its bound: a peer that pings and never reads would otherwise fill memory with pongs.
  autoPong: false,
  closeTimeout,
  WebSocket: SpokenClose,
};

export class Sockets {
  readonly #context: SocketsContext;
  readonly #most: number;
  readonly #waitingBytes: number;
  readonly #server = new WebSocketServer(serverOptions);
  #closing = false;

  constructor(context: SocketsContext) {
    this.#context = context;
    this.#most = context.settings?.sockets ?? 20_000;
    this.#waitingBytes = context.settings?.waitingBytes ?? 1_048_576;
  }

  /** Answers a request to upgrade; any path but a room's is refused. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    socket.on("error", () => socket.destroy());
    const room = roomOf(request.url ?? "");
    if (!room.ok) {
      deny(socket, room.refusal);
    } else if (this.#closing) {
      deny(socket, refusal("shutting-down", "This server is about to stop."));
    } else if (this.#server.clients.size >= this.#most) {
      deny(socket, refusal("too-many-requests", "This server has as many connections as it takes."));
    } else {
      this.#server.handleUpgrade(request, socket, head, (peer) => this.#seat(peer as SpokenClose, room.value));
    }
  }

  /** Resolves when all sockets are gone; those that do not answer the close within `patience` milliseconds are cut. */
  async close(patience: number): Promise<void> {
    // Whoever was told comes back at once; a socket opened now would outlive the end.
    this.#closing = true;
    const peers = [...this.#server.clients];
    const gone = Promise.all(peers.map((peer) => new Promise<void>((resolve) => peer.once("close", () => resolve()))));
    for (const peer of peers) peer.close(errors["shutting-down"].close, "shutting-down");
    const cut = setTimeout(() => {
      for (const peer of peers) peer.terminate();
    }, patience);
    await gone;
    clearTimeout(cut);
    this.#server.close();
  }

  #seat(peer: SpokenClose, room: string): void {
    const { rooms, verify, log } = this.#context;
    const outlet = new Outlet(peer, this.#waitingBytes, () => seat.closed());
    const { actor, id } = rooms.open(room, outlet);
    const seat = new Seat(actor, id, (token) => verify(token, room));
    peer.on("message", (data, isBinary) => {
      if (isBinary) seat.receiveBinary();
      else this.#receive(seat, peer, data);
    });
    peer.on("ping", (data) => outlet.pong(data));
    peer.on("close", () => seat.closed());
    // What the peer did wrong is told to it by SpokenClose; the close follows.
    peer.on("error", (error) => log.info("socket broken", { room, reason: error.message }));
  }

  #receive(seat: Seat, peer: SpokenClose, data: RawData): void {
    // Nothing more is read from the network while a token is being verified, so the queue stays short.
    const heard = seat.receive(data.toString());
    if (!seat.verifying) return;
    peer.pause();
    void heard.then(() => peer.resume());
  }
}

const path = /^\/rooms\/([^/?#]+)\/?(?:\?.*)?$/;

function roomOf(url: string): Result<string> {
  const raw = path.exec(url)?.[1];
  if (raw === undefined) return { ok: false, refusal: refusal("not-found", "Sockets are opened at /rooms/:room.") };
  try {
    return parseRoomName(decodeURIComponent(raw));
  } catch {
    return { ok: false, refusal: refusal("bad-message", "The room's name is not percent-encoded UTF-8.") };
  }
}

function deny(socket: Duplex, why: Refusal): void {
  const body = JSON.stringify(why);
  // The peer may never close its side, and Node no longer counts the time of a connection that asked to be upgraded.
  socket.once("finish", () => socket.destroy());
  socket.end(
    [
      `HTTP/1.1 ${errors[why.code].status} Refused`,
      "Connection: close",
      "Content-Type: application/json",
      `Content-Length: ${Buffer.byteLength(body)}`,
      "",
      body,
    ].join("\r\n"),
  );
}
