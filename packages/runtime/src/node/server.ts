/**
 * The room server: rooms, their socket door and the media proxy as one thing, to be mounted on an HTTP server.
 *
 * It opens no port and reads no configuration; whoever composes it does (apps/meet/server).
 */
import { randomUUID } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { type MediaServer, Room, type RoomSettings } from "@satsuma/rooms";
import { Hono } from "hono";
import { now } from "./clock.ts";
import type { Log } from "./log.ts";
import { mediaProxy } from "./proxy.ts";
import { releaseSession, stopTracks } from "./release.ts";
import { Rooms } from "./rooms.ts";
import { type SocketSettings, Sockets } from "./sockets.ts";
import type { RoomTokens } from "./tokens.ts";

export interface RoomServerSettings {
  readonly room: RoomSettings;
  readonly sockets?: SocketSettings;
  readonly tokens: RoomTokens;
  readonly media: MediaServer;
  readonly log: Log;
  /** Makes the core of a room; a plain `Room` by default. */
  readonly create?: (name: string) => Room;
}

export interface RoomServer {
  readonly rooms: Rooms;
  /** `/rooms/:room/sfu/…` */
  readonly routes: Hono;
  readonly upgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) => void;
  /** Tells everybody, and resolves when all sockets are gone or cut, after `patience` milliseconds. */
  close(patience: number): Promise<void>;
}

export function roomServer(settings: RoomServerSettings): RoomServer {
  const { tokens, media, log } = settings;
  const verify = tokens.verify.bind(tokens);
  const identify = tokens.identify.bind(tokens);
  const create = settings.create ?? (() => new Room(settings.room, randomUUID()));
  const release = (sessions: readonly string[]) => {
    for (const session of sessions) {
      releaseSession(media, session).catch((error: unknown) => log.error("media session not released", { error }));
    }
  };
  const stop = (tracks: readonly { readonly session: string; readonly name: string }[]) => {
    for (const [session, some] of Map.groupBy(tracks, (track) => track.session)) {
      const names = some.map(({ name }) => name);
      stopTracks(media, session, names).catch((error: unknown) => log.error("track not stopped", { error }));
    }
  };
  const rooms = new Rooms({ create, now, log, release, stop });
  const sockets = new Sockets({ rooms, verify, log, ...(settings.sockets ? { settings: settings.sockets } : {}) });
  const routes = new Hono();
  routes.route("/rooms/:room/sfu", mediaProxy({ rooms, identify, media, log }));
  return {
    rooms,
    routes,
    upgrade: sockets.upgrade.bind(sockets),
    close(patience) {
      rooms.shutDown();
      return sockets.close(patience);
    },
  };
}
