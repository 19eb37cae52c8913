import type { Result } from "@satsuma/protocol";
import type { Claims, MediaServer, RoomSettings } from "@satsuma/rooms";
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
  readonly log: Log;
}
