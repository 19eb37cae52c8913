/**
 * The WebSocket door at `/rooms/:room`: who may open a socket, how much it may say, how much may wait for it.
 *
 * Knows frames and bytes, not messages: text goes to the room's actor, and what it says comes back through an outlet
 * (outlet.ts). A reader that does not keep up is spared deltas and at last closed, so that it costs the others nothing.
 */
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import type { Incoming, Json, LocalNamespace } from "@satsuma/durable";
import { errors, limits, type Refusal, type Result, refusal } from "@satsuma/protocol";
import { parseRoomName } from "@satsuma/rooms";
import { type RawData, WebSocketServer } from "ws";
import type { Log } from "../log.ts";
import type { Edge, SocketDetail } from "../rooms/edge.ts";
import type { RoomObject } from "../rooms/object.ts";
import { satsumaEdge } from "../rooms/satsuma.ts";
import { Flusher } from "./flusher.ts";
import { Frames } from "./frame.ts";
import { Outlet, SpokenClose } from "./outlet.ts";

export interface SocketSettings {
  /** Sockets of the whole process. Each costs about 30 kB; 20,000 fit into a small machine's memory. */
  readonly sockets?: number;
  /**
   * Bytes that may wait for one reader. From half of them on it is sent no deltas until it has caught up, and then the
   * whole state; beyond, it is closed. 1 MiB is some thousand deltas, which a live reader takes in a second.
   */
  readonly waitingBytes?: number;
  /** Milliseconds for which a reader may be sent no deltas before it is closed: 10 s, in which 1 MiB takes 840 kbit/s. */
  readonly behindMs?: number;
  /** Sockets that one address may open in a minute, and at once: 2,000, a large house behind one address after a restart. */
  readonly joinsPerMinute?: number;
}

export interface SocketsContext {
  readonly rooms: LocalNamespace<RoomObject>;
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
  readonly #shared: ConstructorParameters<typeof Outlet>[2];
  readonly #server = new WebSocketServer(serverOptions);
  #closing = false;

  constructor(context: SocketsContext) {
    this.#context = context;
    this.#most = context.settings?.sockets ?? 20_000;
    const { waitingBytes = 1_048_576, behindMs = 10_000 } = context.settings ?? {};
    this.#shared = { frames: new Frames(), flusher: new Flusher(), bounds: { waitingBytes, behindMs } };
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
      this.#server.handleUpgrade(request, socket, head, (peer) => {
        this.#seat(peer as SpokenClose, socket, room.value, satsumaEdge, { dialect: "satsuma" });
      });
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

  #seat(peer: SpokenClose, raw: Duplex, room: string, edge: Edge, detail: SocketDetail): void {
    const { rooms, log } = this.#context;
    const lost = (code: number, reason: string) => incoming.close({ code, reason });
    const outlet = new Outlet(peer, raw, this.#shared, () => incoming.message(edge.resync), lost);
    const incoming: Incoming = rooms.get(room).connect(outlet, detail as unknown as Json);
    peer.refuse = (why) => edge.refuse(why);
    peer.on("message", (data: RawData, isBinary) => incoming.message(isBinary ? emptyBytes : data.toString()));
    peer.on("ping", (data) => outlet.pong(data));
    peer.on("close", (code, reason) => incoming.close({ code, reason: reason.toString() }));
    // What the peer did wrong is told to it by SpokenClose; the close follows.
    peer.on("error", (error) => log.info("socket broken", { room, reason: error.message }));
  }
}

/** That a message was not text is all a room wants to know of it. */
const emptyBytes = new Uint8Array();

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

export function deny(socket: Duplex, why: Refusal): void {
  const body = JSON.stringify(why);
  // The peer may never close its side, and Node no longer counts the time of a connection that asked to be upgraded.
  socket.once("finish", () => socket.destroy());
  socket.end(
    [
      `HTTP/1.1 ${errors[why.code].status} Refused`,
      "Connection: close",
      "Content-Type: application/json",
      ...(why.retryAfter === undefined ? [] : [`Retry-After: ${Math.ceil(why.retryAfter / 1_000)}`]),
      `Content-Length: ${Buffer.byteLength(body)}`,
      "",
      body,
    ].join("\r\n"),
  );
}
