/**
 * The open sockets of a room, each in its seat: its number, its dialect, and what waits while its token is being read.
 *
 * What the room says goes through here to the sockets: told once per dialect, however many hear it.
 */
import type { Socket } from "@satsuma/durable";
import { errors, type ServerMessage } from "@satsuma/protocol";
import { type CloseReason, type OrangeEffect, type Recipients, type SocketId, tellOrange } from "@satsuma/rooms";
import type { Edge, RoomView, SocketDetail } from "./edge.ts";

export interface Seat {
  readonly id: SocketId;
  readonly socket: Socket;
  readonly edge: Edge;
  /** Frames that came while something was being verified; undefined while nothing is. */
  waiting: string[] | undefined;
}

export class Seats {
  readonly #edges: Readonly<Record<string, Edge>>;
  /** The room as it is when something is told. */
  readonly #room: () => RoomView;
  readonly #seats = new Map<SocketId, Seat>();
  readonly #bySocket = new Map<string, Seat>();
  /** Those who have been welcomed. */
  readonly #joined = new Map<SocketId, Seat>();
  #last = 0;

  constructor(edges: Readonly<Record<string, Edge>>, room: () => RoomView) {
    this.#edges = edges;
    this.#room = room;
  }

  sit(socket: Socket): Seat {
    const { dialect } = socket.detail as unknown as SocketDetail;
    const edge = this.#edges[dialect];
    if (edge === undefined) throw new Error(`A door brought a socket of the unknown dialect ${dialect}.`);
    this.#last += 1;
    const seat: Seat = { id: this.#last, socket, edge, waiting: undefined };
    this.#seats.set(seat.id, seat);
    this.#bySocket.set(socket.id, seat);
    return seat;
  }

  of(socket: Socket): Seat | undefined {
    return this.#bySocket.get(socket.id);
  }

  has(seat: Seat): boolean {
    return this.#seats.has(seat.id);
  }

  get isEmpty(): boolean {
    return this.#seats.size === 0;
  }

  rise(seat: Seat): void {
    this.#seats.delete(seat.id);
    this.#joined.delete(seat.id);
    this.#bySocket.delete(seat.socket.id);
  }

  close(id: SocketId, reason: CloseReason): void {
    this.closeWith(id, reason === "left" ? 1000 : errors[reason].close, reason);
  }

  closeWith(id: SocketId, code: number, reason: string): void {
    const seat = this.#seats.get(id);
    if (seat === undefined) return;
    this.rise(seat);
    seat.socket.close(code, reason);
  }

  closeAll(reason: CloseReason): void {
    for (const id of [...this.#seats.keys()]) this.close(id, reason);
  }

  /** What is said in Orange's dialect, to sockets of that dialect. A later state holds all that an earlier one does. */
  tellOrange(to: readonly SocketId[], said: Extract<OrangeEffect, { effect: "orange" }>): void {
    const frame = tellOrange(said);
    const isLossy = said.message.type === "roomState";
    for (const { socket } of this.#found(to)) socket.send(frame, isLossy);
  }

  tell(to: Recipients, message: ServerMessage): void {
    const told = new Map<Edge, readonly string[]>();
    const isLossy = lossy.has(message.type);
    let edge: Edge | undefined;
    let frames: readonly string[] = [];
    for (const seat of to === "everyone" ? this.#joined.values() : this.#found(to)) {
      if (seat.edge !== edge) {
        edge = seat.edge;
        frames = told.get(edge) ?? edge.tell(message, this.#room());
        told.set(edge, frames);
      }
      for (const frame of frames) seat.socket.send(frame, isLossy);
      if (message.type === "welcome") this.#joined.set(seat.id, seat);
    }
  }

  #found(to: readonly SocketId[]): Seat[] {
    return to.flatMap((id) => this.#seats.get(id) ?? []);
  }
}

/** What a snapshot makes good: whoever is far behind may lose it, and is sent one when they have caught up. */
const lossy = new Set<ServerMessage["type"]>(["delta", "presence", "signals", "emoted"]);
