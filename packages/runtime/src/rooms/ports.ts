import type { Refusal, Result, RoomEvent } from "@satsuma/protocol";
import type { AiAnswer, AiRequest, Claims, MediaServer, RoomSettings } from "@satsuma/rooms";
import type { Log } from "../log.ts";
import type { Edge } from "./edge.ts";

/** What a room needs of whoever composes it; the same on every platform. */
export interface RoomPorts {
  readonly settings: RoomSettings;
  /** By name of the dialect. */
  readonly edges: Readonly<Record<string, Edge>>;
  /** Reads a room token; the room decides what its bearer may. */
  verify(token: string, room: string): Promise<Result<Claims>>;
  readonly media: MediaServer;
  /** Brings an AI into a meeting. Without one, whoever asks for it is told that it failed. */
  readonly ai?: AiService;
  readonly log: Log;
  /**
   * Takes a room's events, in order and at least once; resolves when they will not be lost. Rejected, they are offered
   * again. Left out, events stay with the room.
   */
  readonly post?: (room: string, events: readonly RoomEvent[]) => Promise<void>;
  /** Whether a meeting may begin in a room that has none. Left out, or where it cannot be asked, it may. */
  readonly admit?: (room: string) => Promise<Refusal | undefined>;
}

export interface AiService {
  /** The answer carries the request's number. A rejection is a failure; nobody waits for the end of a `disconnect`. */
  ask(request: AiRequest): Promise<AiAnswer | undefined>;
}
