/** A room server on a free port, with a Calls-shaped media server beside it; and members who talk to it over real sockets. */
import { randomBytes, randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Patience } from "@satsuma/durable";
import {
  applyDelta,
  type ClientMessage,
  type Command,
  type RoomState,
  roomProtocols,
  type ServerMessage,
} from "@satsuma/protocol";
import { defaultRoomSettings, type MediaServer, type RoomSettings } from "@satsuma/rooms";
import { Hono } from "hono";
import { WebSocket } from "ws";
import { Store } from "../src/node/durable/index.ts";
import { listen, now, type RoomServer, RoomTokens, roomServer } from "../src/node/index.ts";
import type { OrangeOptions } from "../src/node/orange.ts";
import type { SocketSettings } from "../src/node/sockets.ts";
import type { Report } from "../src/orange/reports.ts";
import { askRoom } from "../src/rooms/ask.ts";
import type { AiService } from "../src/rooms/ports.ts";
import type { WebhookEndpoint } from "../src/rooms/webhooks.ts";
import { overHttp } from "./calls-over-http.ts";
import { type CallsServer, startCallsServer } from "./calls-server.ts";

export const orangeSecret = "secret-of-oranges-cookie";
const orangeLockKey = randomBytes(32);

export interface HostOptions {
  readonly room?: Partial<RoomSettings>;
  readonly sockets?: SocketSettings;
  readonly patience?: Partial<Patience>;
  /** Serves Orange's dialect too. */
  readonly orange?: Partial<OrangeOptions>;
  readonly ai?: AiService;
  /** Instead of a server of the same words without media. */
  readonly media?: MediaServer;
  /** HTML at `/`. */
  readonly page?: string;
  readonly apiKey?: string;
  readonly mostRooms?: number;
  readonly webhooks?: readonly WebhookEndpoint[];
  /** Wrong, to see what members are told when this server's own secret does not hold. */
  readonly secret?: string;
}

export interface Host {
  readonly url: string;
  readonly key: Buffer;
  readonly tokens: RoomTokens;
  readonly server: RoomServer;
  readonly calls: CallsServer;
  /** Events of the log, oldest first. */
  readonly logged: { readonly event: string; readonly fields: unknown }[];
  /** Ends the server and begins a new one on what is stored, at a new address. */
  restart(): Promise<void>;
  /** What was reported, the newest first. */
  reports(): Promise<readonly Report[]>;
  close(): Promise<void>;
}

/** Where members join: a host of this file, or any other room server. */
export type Place = Pick<Host, "url" | "tokens">;

export async function startHost(options: HostOptions = {}): Promise<Host> {
  const calls = await startCallsServer();
  const key = randomBytes(32);
  const tokens = new RoomTokens({ key }, now);
  const logged: Host["logged"] = [];
  const directory = mkdtempSync(join(tmpdir(), "satsuma-rooms-"));
  const begin = () =>
    launch(directory, tokens, options.media ?? overHttp(calls, options.secret ?? calls.secret), logged, options);
  let running = await begin();
  return {
    get url() {
      return running.url;
    },
    get server() {
      return running.server;
    },
    key,
    tokens,
    calls,
    logged,
    async reports() {
      return (await running.server.orange?.reports.ask({ ask: "list", limit: 100 })) as readonly Report[];
    },
    async restart() {
      await running.close();
      running = await begin();
    },
    async close() {
      await running.close();
      rmSync(directory, { recursive: true, force: true });
      await calls.close();
    },
  };
}

async function launch(
  directory: string,
  tokens: RoomTokens,
  media: MediaServer,
  logged: Host["logged"],
  options: HostOptions,
) {
  const log = (event: string, fields?: unknown) => void logged.push({ event, fields });
  const store = Store.open({ directory, retentionMs: 0, ...(options.patience && { patience: options.patience }) });
  const server = roomServer({
    store,
    // A place that is soon given up is so after a restart too.
    room: {
      ...defaultRoomSettings,
      restartGrace: options.room?.grace ?? defaultRoomSettings.restartGrace,
      ...options.room,
    },
    tokens,
    media,
    log: { info: log, warn: log, error: log },
    ...(options.sockets && { sockets: options.sockets }),
    ...(options.orange && { orange: { secrets: [orangeSecret], lockKey: orangeLockKey, ...options.orange } }),
    ...(options.ai && { ai: options.ai }),
    ...(options.apiKey !== undefined && { apiKey: options.apiKey }),
    ...(options.mostRooms !== undefined && { mostRooms: options.mostRooms }),
    ...(options.webhooks && { webhooks: options.webhooks }),
  });
  const app = new Hono().route("/", server.routes);
  const { page } = options;
  if (page !== undefined) app.get("/", (c) => c.html(page));
  const listening = await listen({ fetch: app.fetch, upgrade: server.upgrade, host: "127.0.0.1", port: 0 });
  return {
    url: `http://127.0.0.1:${listening.port}`,
    server,
    async close() {
      await server.close(300);
      await listening.close(300);
      await store.close();
    },
  };
}

/** Who is in a room, as the room itself has it. */
export async function present(host: Host, room: string): Promise<string[]> {
  const { people } = await askRoom(host.server.rooms.get(room), "inspect", {});
  return people.map(({ name }) => name);
}

export class Member {
  readonly peer: WebSocket;
  readonly received: ServerMessage[] = [];
  readonly closed: Promise<{ code: number; reason: string }>;
  view: RoomState | undefined;
  token = "";
  participant = "";
  #lastId = 0;
  readonly #watchers = new Set<() => void>();

  constructor(url: string, room: string) {
    this.peer = new WebSocket(`${url.replace("http", "ws")}/rooms/${encodeURIComponent(room)}`);
    this.peer.on("message", (data) => this.#receive(JSON.parse(data.toString())));
    this.peer.on("error", () => {});
    this.closed = new Promise((resolve) =>
      this.peer.on("close", (code, reason) => resolve({ code, reason: reason.toString() })),
    );
  }

  static async open(host: Pick<Place, "url">, room: string): Promise<Member> {
    const member = new Member(host.url, room);
    await new Promise((resolve, reject) => member.peer.once("open", resolve).once("error", reject));
    return member;
  }

  static async join(host: Place, room: string, name: string, token?: string): Promise<Member> {
    const member = await Member.open(host, room);
    member.token = token ?? (await host.tokens.issue(room, name)).token;
    member.send({ type: "hello", protocols: [...roomProtocols], token: member.token, client: randomUUID() });
    await member.until(() => member.view);
    return member;
  }

  send(message: ClientMessage | string | Buffer): void {
    const plain = typeof message === "string" || Buffer.isBuffer(message);
    this.peer.send(plain ? message : JSON.stringify(message));
  }

  async command(command: Command): Promise<ServerMessage> {
    this.#lastId += 1;
    const id = this.#lastId;
    this.send({ type: "command", id, command });
    return this.until(() =>
      this.received.find((message) => (message.type === "ack" || message.type === "error") && message.id === id),
    );
  }

  /** Resolves with the first thing that `look` finds; it looks again at every message. */
  until<T>(look: () => T | undefined | false): Promise<T> {
    return new Promise((resolve) => {
      const watch = () => {
        const found = look();
        if (found === undefined || found === false) return;
        this.#watchers.delete(watch);
        resolve(found);
      };
      this.#watchers.add(watch);
      watch();
    });
  }

  /** Resolves when the member sees this of the participant of that name. */
  sees(name: string, connection: "connected" | "recovering" | "gone"): Promise<unknown> {
    return this.until(() => {
      const found = this.view?.participants.find((participant) => participant.name === name);
      return (found?.connection ?? "gone") === connection;
    });
  }

  error(code: string): Promise<ServerMessage> {
    return this.until(() => this.received.find((message) => message.type === "error" && message.code === code));
  }

  /** A request to the media proxy, as this member unless told otherwise. */
  async media(
    host: Pick<Place, "url">,
    method: string,
    room: string,
    path: string,
    body?: unknown,
    token = this.token,
  ) {
    const response = await fetch(`${host.url}/rooms/${room}/sfu/${path}`, {
      method,
      headers: { Authorization: `Bearer ${token}` },
      ...(body !== undefined && { body: typeof body === "string" ? body : JSON.stringify(body) }),
    });
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  }

  async session(host: Pick<Place, "url">, room: string): Promise<string> {
    return String((await this.media(host, "POST", room, "sessions/new")).body.sessionId);
  }

  #receive(message: ServerMessage): void {
    this.received.push(message);
    if (message.type === "welcome") this.participant = message.participant;
    if (message.type === "snapshot") this.view = message.state;
    if (message.type === "delta") this.view = this.view && applyDelta(this.view, message);
    for (const watch of [...this.#watchers]) watch();
  }
}
