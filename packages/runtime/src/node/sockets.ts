/**
 * Sockets behind the doors to rooms (doors.ts): how many there are, how much each may say, how much may wait for it.
 *
 * Knows frames and bytes, not messages: text goes to the room's actor, and what it says comes back through an outlet
 * (outlet.ts). A reader that does not keep up is spared deltas and at last closed, so that it costs the others nothing.
 */
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import type { Incoming, Json, LocalNamespace } from "@satsuma/durable";
import { errors, type Refusal, refusal, refusalOf } from "@satsuma/protocol";
import { type RawData, WebSocketServer } from "ws";
import type { Log } from "../log.ts";
import { AddressRate, type Meter, mostRefused, tooMany, usualMessagesPerSecond } from "../rooms/address-rate.ts";
import type { RoomObject } from "../rooms/object.ts";
import { now } from "./clock.ts";
import type { Admitted, Door } from "./doors.ts";
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
  /**
   * Messages a second that one address may send on all its sockets together, four times as many at once: 5,000, what a
   * core can read beside its other work. What is long counts for one more with every KiB.
   */
  readonly messagesPerSecond?: number;
}

export interface SocketsContext {
  readonly rooms: LocalNamespace<RoomObject>;
  readonly doors: readonly Door[];
  readonly log: Log;
  readonly addressOf: (request: IncomingMessage) => string;
  readonly settings?: SocketSettings;
}

/** Milliseconds that a peer has to answer a close before its connection is cut. */
const closeTimeout = 2_000;

const serverOptions = {
  noServer: true,
  perMessageDeflate: false,
  // Answered by the outlet, within its bound: a peer that pings and never reads would otherwise fill memory with pongs.
  autoPong: false,
  closeTimeout,
  WebSocket: SpokenClose,
};

/** A door and the servers of what comes through it. */
interface Hall {
  readonly door: Door;
  readonly server: WebSocketServer;
  readonly shared: ConstructorParameters<typeof Outlet>[2];
}

export class Sockets {
  readonly #context: SocketsContext;
  readonly #most: number;
  readonly #halls: readonly Hall[];
  readonly #rate: AddressRate;
  #closing = false;

  constructor(context: SocketsContext) {
    this.#context = context;
    this.#most = context.settings?.sockets ?? 20_000;
    const {
      waitingBytes = 1_048_576,
      behindMs = 10_000,
      messagesPerSecond = usualMessagesPerSecond,
    } = context.settings ?? {};
    this.#rate = new AddressRate(messagesPerSecond, 4 * messagesPerSecond);
    const flusher = new Flusher();
    this.#halls = context.doors.map((door) => ({
      door,
      server: new WebSocketServer({ ...serverOptions, maxPayload: door.messageBytes }),
      shared: {
        frames: new Frames(),
        flusher,
        bounds: {
          waitingBytes: Math.max(waitingBytes, door.waiting?.bytes ?? 0),
          lossyBytes: door.waiting?.lossyBytes ?? waitingBytes / 2,
          behindMs,
        },
      },
    }));
  }

  /** Answers a request to upgrade; any path but a door's is refused. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    socket.on("error", () => socket.destroy());
    for (const hall of this.#halls) {
      const admitted = hall.door.admit(request);
      if (admitted === undefined) continue;
      admitted.then(
        (result) => {
          if (result.ok) this.#admit(hall, result.value, request, socket, head);
          else deny(socket, result.refusal);
        },
        (error: unknown) => {
          this.#context.log.error("door failed", { error });
          deny(socket, refusalOf(error));
        },
      );
      return;
    }
    deny(socket, refusal("not-found", "Sockets are opened at /rooms/:room."));
  }

  /** Resolves when all sockets are gone; those that do not answer the close within `patience` milliseconds are cut. */
  async close(patience: number): Promise<void> {
    // Whoever was told comes back at once; a socket opened now would outlive the end.
    this.#closing = true;
    const peers = this.#halls.flatMap(({ server }) => [...server.clients]);
    const gone = Promise.all(peers.map((peer) => new Promise<void>((resolve) => peer.once("close", () => resolve()))));
    for (const peer of peers) peer.close(errors["shutting-down"].close, "shutting-down");
    const cut = setTimeout(() => {
      for (const peer of peers) peer.terminate();
    }, patience);
    await gone;
    clearTimeout(cut);
    for (const { server } of this.#halls) server.close();
  }

  #admit(hall: Hall, admitted: Admitted, request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const open = this.#halls.reduce((sum, { server }) => sum + server.clients.size, 0);
    if (this.#closing) deny(socket, refusal("shutting-down", "This server is about to stop."));
    else if (open >= this.#most) {
      deny(socket, refusal("too-many-requests", "This server has as many connections as it takes."));
    } else {
      hall.server.handleUpgrade(request, socket, head, (peer) => {
        const meter = this.#rate.enter(this.#context.addressOf(request), now());
        this.#seat(hall, peer as SpokenClose, socket, admitted, meter);
      });
    }
  }

  #seat({ door, shared }: Hall, peer: SpokenClose, raw: Duplex, admitted: Admitted, meter: Meter): void {
    const { room, detail, opened } = admitted;
    const { rooms, log } = this.#context;
    const left = opened?.();
    const lost = (code: number, reason: string) => incoming.close({ code, reason });
    const outlet = new Outlet(peer, raw, shared, () => incoming.message(door.edge.resync), lost);
    const incoming: Incoming = rooms.get(room).connect(outlet, detail as unknown as Json);
    peer.refuse = (why) => door.edge.refuse(why);
    peer.on("message", (data: RawData, isBinary) => {
      const frame = isBinary ? emptyBytes : data.toString();
      const retryAfter = meter.take(frame.length, now());
      if (retryAfter === undefined) return incoming.message(frame);
      const why = tooMany(retryAfter);
      outlet.send(door.edge.refuse(why, isBinary ? undefined : data.toString()), false);
      if (meter.refused > mostRefused) outlet.close(errors[why.code].close, why.code);
    });
    peer.on("ping", (data) => outlet.pong(data));
    peer.on("close", (code, reason) => {
      incoming.close({ code, reason: reason.toString() });
      meter.leave();
      left?.();
    });
    // What the peer did wrong is told to it by SpokenClose; the close follows.
    peer.on("error", (error) => log.info("socket broken", { room, reason: error.message }));
  }
}

/** That a message was not text is all a room wants to know of it. */
const emptyBytes = new Uint8Array();

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
