/**
 * A call of two in which one has a bad day: Anna comes through a doorway that faults are made in, Ben has a perfect network.
 *
 * Each its own browser; the room server and the media server are processes of their own, on a machine where nothing else is.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { Chromium } from "../../apps/meet/test/stage/browser.ts";
import { Doorway } from "../../apps/meet/test/stage/doorway.ts";
import { record } from "../../apps/meet/test/stage/flow.ts";
import { Person } from "../../apps/meet/test/stage/person.ts";
import { type Server, type Settings, startServer } from "../../apps/meet/test/stage/server.ts";
import { until } from "../../apps/meet/test/stage/until.ts";
import { type Coturn, startCoturn } from "../../packages/runtime/browser/coturn.ts";
import { ensureCoturn } from "../../scripts/coturn.ts";
import { freeTcpPort, freeUdpPort } from "../../scripts/ports.ts";

const app = { SATSUMA_SFU_APP: "the-rooms", SATSUMA_SFU_SECRET: "a-secret-between-two-processes" } satisfies Settings;

export interface Browsers {
  readonly anna: Chromium;
  readonly ben: Chromium;
}

export async function startBrowsers(): Promise<Browsers> {
  const [anna, ben] = await Promise.all([
    Chromium.start({ camera: { width: 640, height: 360 }, pitch: 210 }),
    Chromium.start({ camera: { width: 480, height: 360 }, pitch: 120 }),
  ]);
  return { anna, ben };
}

/** Room server and media server, which can be killed and started again where they were. */
export class Servers {
  readonly #folder: string;
  readonly #places: { readonly media: Settings; readonly rooms: Settings };
  readonly #coturn: Coturn | undefined;
  #media: Server | undefined;
  #rooms: Server;

  private constructor(folder: string, places: { media: Settings; rooms: Settings }, servers: Started) {
    this.#folder = folder;
    this.#places = places;
    this.#media = servers.media;
    this.#rooms = servers.rooms;
    this.#coturn = servers.coturn;
  }

  /** Two processes. */
  static async apart(): Promise<Servers> {
    const folder = await mkdtemp(join(tmpdir(), "satsuma-recovery-"));
    const places = { media: { ...(await place(folder, "media")), ...app }, rooms: await place(folder, "rooms") };
    const sfu = { SATSUMA_SFU_URL: `http://127.0.0.1:${places.media.SATSUMA_HTTP_PORT}/v1`, ...app };
    const rooms = { ...places.rooms, ...sfu };
    const media = await startServer(places.media);
    return new Servers(folder, { ...places, rooms }, { media, rooms: await startServer(rooms), coturn: undefined });
  }

  /** One process, with a relay that is reached over TCP alone. */
  static async withRelay(): Promise<Servers> {
    ensureCoturn();
    const folder = await mkdtemp(join(tmpdir(), "satsuma-recovery-"));
    const secret = "a-secret-that-the-relay-shares";
    const coturn = await startCoturn(["--use-auth-secret", `--static-auth-secret=${secret}`]);
    const rooms: Settings = {
      ...(await place(folder, "rooms")),
      SATSUMA_TURN_URLS: `turn:127.0.0.1:${coturn.port}?transport=tcp`,
      SATSUMA_TURN_SECRET: secret,
      SATSUMA_MEDIA_SIDE_DOOR: String(await freeUdpPort()),
    };
    return new Servers(folder, { media: rooms, rooms }, { media: undefined, rooms: await startServer(rooms), coturn });
  }

  get httpPort(): number {
    return this.#rooms.tcpPort;
  }

  get url(): string {
    return this.#rooms.url;
  }

  get mediaPort(): number {
    return (this.#media ?? this.#rooms).udpPort;
  }

  async killMedia(): Promise<void> {
    this.#media?.process.kill("SIGKILL");
    await this.#media?.stop();
  }

  async restartMedia(): Promise<void> {
    this.#media = await startServer(this.#places.media);
  }

  async killRooms(): Promise<void> {
    this.#rooms.process.kill("SIGKILL");
    await this.#rooms.stop();
  }

  async restartRooms(): Promise<void> {
    this.#rooms = await startServer(this.#places.rooms);
  }

  async stop(): Promise<void> {
    await Promise.all([this.#rooms.stop(), this.#media?.stop(), this.#coturn?.stop()]);
    await rm(this.#folder, { recursive: true, force: true });
  }
}

interface Started {
  readonly media: Server | undefined;
  readonly rooms: Server;
  readonly coturn: Coturn | undefined;
}

async function place(folder: string, name: string) {
  return {
    SATSUMA_HTTP_PORT: String(await freeTcpPort()),
    SATSUMA_MEDIA_PORT: String(await freeUdpPort()),
    SATSUMA_DATA_FOLDER: join(folder, name),
  };
}

export class Scene {
  readonly servers: Servers;
  readonly browsers: Browsers;
  readonly doorway: Doorway;
  readonly anna: Person;
  readonly ben: Person;

  private constructor(servers: Servers, browsers: Browsers, doorway: Doorway, people: [Person, Person]) {
    this.servers = servers;
    this.browsers = browsers;
    this.doorway = doorway;
    [this.anna, this.ben] = people;
  }

  /** Resolves when both see and hear each other. */
  static async set(servers: Servers, browsers: Browsers, room: string): Promise<Scene> {
    const doorway = await Doorway.open({ http: servers.httpPort, media: servers.mediaPort });
    const people = await Promise.all([
      Person.inCall("Anna", browsers.anna, doorway.url, room),
      Person.inCall("Ben", browsers.ben, servers.url, room),
    ]);
    const scene = new Scene(servers, browsers, doorway, people);
    await scene.flows();
    await Promise.all(people.map(({ page }) => record(page)));
    return scene;
  }

  /** Ben is in the call, Anna in the lobby. */
  static async setBefore(servers: Servers, browsers: Browsers, room: string): Promise<Scene> {
    const doorway = await Doorway.open({ http: servers.httpPort, media: servers.mediaPort });
    const people = await Promise.all([
      Person.inLobby("Anna", browsers.anna, doorway.url, room),
      Person.inCall("Ben", browsers.ben, servers.url, room),
    ]);
    return new Scene(servers, browsers, doorway, people);
  }

  async flows(patience = 60_000): Promise<void> {
    const { anna, ben } = this;
    await Promise.all([
      anna.sees("Ben", undefined, patience),
      ben.sees("Anna", undefined, patience),
      anna.hears(1, patience),
      ben.hears(1, patience),
    ]);
  }

  /** Resolves when both say that nothing is amiss. */
  async settled(patience = 60_000): Promise<void> {
    await Promise.all(
      [this.anna, this.ben].map(({ name, page }) =>
        until(
          `${name} says that all is well`,
          () => page.evaluate(isWell),
          patience,
          () => undefined,
        ),
      ),
    );
  }

  /** The kind of Anna's own end of the path in use: `host/udp` directly, `relay/tcp` through the relay. */
  async path(): Promise<string> {
    const connection = await this.anna.page.evaluate(readPath);
    return connection ?? "none";
  }

  async close(): Promise<void> {
    await Promise.all([this.anna.close(), this.ben.close()]);
    await this.doorway.close();
  }
}

interface Client {
  readonly peerConnection: RTCPeerConnection | undefined;
  do(command: object): Promise<{ readonly ok: boolean }>;
  setMicrophone(on: boolean): Promise<void>;
  snapshot(): {
    readonly connection: { readonly state: string };
    readonly media: string;
    readonly room: {
      readonly participants: readonly {
        readonly id: string;
        readonly name: string;
        readonly connection: string;
        readonly tracks: readonly { readonly source: string; readonly muted: boolean }[];
      }[];
    };
  };
}

type WithClient = typeof globalThis & { readonly satsuma: Client };

function isWell(): boolean {
  const { connection, media, room } = (globalThis as WithClient).satsuma.snapshot();
  const all = room.participants.length === 2 && room.participants.every((one) => one.connection === "connected");
  return connection.state === "connected" && media === "connected" && all;
}

async function readPath(): Promise<string | undefined> {
  const report = await (globalThis as WithClient).satsuma.peerConnection?.getStats();
  const entries: Record<string, string>[] = [...(report?.values() ?? [])];
  const transport = entries.find(({ type }) => type === "transport");
  const pair = entries.find(({ id }) => id === transport?.selectedCandidatePairId);
  const local = entries.find(({ id }) => id === pair?.localCandidateId);
  return local && `${local.candidateType}/${local.relayProtocol ?? local.protocol}`;
}

/** Says something and mutes, as a person would who has not noticed yet. */
export async function act({ page }: Person, text: string, microphone: boolean): Promise<void> {
  await page.evaluate(
    ([said, on]) => {
      const { satsuma } = globalThis as WithClient;
      // The answer comes after the fault, if the room ever hears of it; what it was is seen in the chat.
      void satsuma.do({ do: "say", text: said });
      void satsuma.setMicrophone(on);
    },
    [text, microphone] as const,
  );
}

/** Who is there with what, muted or not, by the word of this page's room: the same before and after, and at both. */
export function standing({ page }: { readonly page: Page }): Promise<string> {
  return page.evaluate(() => {
    const { participants } = (globalThis as WithClient).satsuma.snapshot().room;
    return participants
      .map(({ id, name, tracks }) => {
        const published = tracks.map(({ source, muted }) => `${source} ${muted ? "off" : "on"}`).sort();
        return `${name} ${id}: ${published.join(", ")}`;
      })
      .sort()
      .join("; ");
  });
}
