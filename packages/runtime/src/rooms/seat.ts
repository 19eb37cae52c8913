/** One socket's place at a room: its number, its dialect, and frames that wait while its token is being read. */
import type { Socket } from "@satsuma/durable";
import type { SocketId } from "@satsuma/rooms";
import type { Edge } from "./edge.ts";

/** Frames that may wait for a token to be read, which takes about a millisecond. Whoever sends more is not waiting for its welcome. */
export const mostWaiting = 64;

export class Seat {
  readonly id: SocketId;
  readonly socket: Socket;
  readonly edge: Edge;
  /** Undefined while nothing is being verified. */
  waiting: string[] | undefined;

  constructor(id: SocketId, socket: Socket, edge: Edge) {
    this.id = id;
    this.socket = socket;
    this.edge = edge;
  }
}
