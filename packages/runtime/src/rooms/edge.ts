/**
 * A dialect at a room's door: what a socket's frames mean, and how what the room says is spelled.
 *
 * Which edge a socket has is chosen once, by the door that accepted it (`SocketDetail.dialect`). An edge keeps nothing
 * of a socket; a message is told once per dialect, and all sockets of that dialect are sent the same text.
 */
import type { Refusal, ServerMessage } from "@satsuma/protocol";
import type { Heard, Room, SocketId } from "@satsuma/rooms";

/** What an edge may look at when it tells a message. */
export type RoomView = Pick<Room, "state" | "presence" | "people">;

export interface Edge {
  /**
   * What a socket says by opening, from what its door knew of it; a `hello` input with verified claims, mostly. Ours
   * says nothing before its hello.
   */
  greet?(socket: SocketId, known: unknown): readonly Heard[];
  /** Reads one text frame. Never throws: what cannot be read is a `rejected`. */
  hear(socket: SocketId, frame: string): readonly Heard[];
  /** The frames of a message, in order; none if the dialect says nothing of it. */
  tell(message: ServerMessage, room: RoomView): readonly string[];
  /** A refusal before any room is concerned, such as of a broken frame; `frame` is the one that is refused, if it was text. */
  refuse(refusal: Refusal, frame?: string): string;
  /** The frame with which a socket of this dialect asks for the whole state: heard for a reader that has caught up. */
  readonly resync: string;
}

/** What a door tells the room of a socket, as JSON. */
export interface SocketDetail {
  /** A key of `RoomPorts.edges`. */
  readonly dialect: string;
  /** What the edge's `greet` is given. */
  readonly known?: unknown;
  /** Where it comes from, if the room itself is to measure how much comes from there. */
  readonly address?: string | undefined;
}
