/**
 * The SFU on Node: inside this process, or spread over processes of its own behind the same API.
 *
 * It can run inside the room server's process, reached through `fetch` without a socket, or in a process of its own
 * behind any HTTP listener: the same function answers both.
 */
import { randomBytes } from "node:crypto";
import type { IceServer } from "@satsuma/protocol";
import {
  type KeyKind,
  type KeyStore,
  Keys,
  manageRoutes,
  memoryKeys,
  memoryUsage,
  type SfuConfig,
  type SfuLimits,
  turnRoutes,
} from "@satsuma/sfu";
import { Hono } from "hono";
import type { AdapterConfig } from "./adapters.ts";
import { keyPlatform, openKeys } from "./apps.ts";
import type { CallsOptions, CallsServer } from "./calls-server.ts";
import { openMedia } from "./media.ts";
import type { TransportConfig } from "./transport.ts";
import { openRelay, type TurnConfig } from "./turn.ts";
import { openUsage } from "./usage.ts";
import { openWorkers, type WorkerState } from "./workers/front.ts";
import type { WorkerEvent, WorkerLimits } from "./workers/worker-process.ts";

export interface NodeSfuOptions {
  readonly apps: SfuConfig["apps"];
  readonly limits?: Partial<SfuLimits>;
  /** With several workers, each has a port of its own: they count up from `port`, and from `sideDoor`. */
  readonly media: TransportConfig;
  /**
   * Processes that media is spread over, 1 to 64. Default 1: inside this process. From 2 on each is one of its own, with about
   * 90 MB, so that media uses as many cores, and neither its load nor a fault in it touches this process.
   */
  readonly workers?: number;
  /** Bounds of the workers' lives. */
  readonly workerLimits?: Partial<WorkerLimits>;
  /** Hears when a worker has started or ended, and once a minute what each has to do. */
  readonly onWorker?: (event: WorkerEvent) => void;
  /** Apps that are made and deleted over HTTP, at `/client/v4`. Without it, `apps` are all there are. */
  readonly management?: {
    readonly token: string;
    /** SQLite file of the apps; without one they are forgotten with the process. */
    readonly file?: string;
  };
  /** The relay whose credentials are made at `/v1/turn` for TURN keys of `management`, and told to WHIP and WHEP peers. */
  readonly turn?: TurnConfig;
  readonly adapters?: AdapterConfig;
  /** SQLite file of the bytes that were sent; without one they are forgotten with the process. */
  readonly usageFile?: string;
  /** Signs the tokens of WHIP and WHEP, 32 bytes; without one they end with the process. */
  readonly streamKey?: Uint8Array;
  /** Hears errors that no client caused. */
  readonly onError: (error: unknown) => void;
}

export interface NodeSfu {
  /** The Calls API at `/v1/apps/:app` and `/apps/:app`, with WHIP and WHEP; management and TURN where they are configured. */
  readonly fetch: (request: Request) => Promise<Response>;
  /** Of workers, as they told within the last second. */
  readonly sessionCount: () => number;
  /** The workers as they were a second ago at the most; none when media is served inside this process. */
  readonly workers: () => readonly WorkerState[];
  /** Servers and credentials of the relay for one browser, good for `ttl` seconds; undefined without a relay. */
  readonly relayFor: (() => Promise<{ readonly iceServers: readonly IceServer[]; readonly ttl: number }>) | undefined;
  /** Ends all sessions; peers see their connections close. Resolves when nothing is left to be written down, soon. */
  readonly close: () => Promise<void>;
}

/** A day, as for TURN keys. The name is no key's, so nobody else can revoke them. */
const peerCredentials = { key: "peers", ttl: 86_400, identifier: undefined };

/** An hour: a call renews them, and whoever has left is soon without. */
const memberCredentials = { key: "members", ttl: 3_600, identifier: undefined };

/** Rejects with the socket's error when a media port cannot be bound. */
export async function createSfu(options: NodeSfuOptions): Promise<NodeSfu> {
  const { apps, management, limits, media, adapters, onError } = options;
  const kept = management?.file === undefined ? undefined : openKeys(management.file);
  const usage = options.usageFile === undefined ? undefined : openUsage(options.usageFile);
  const relay = options.turn && openRelay(options.turn, onError);
  const release = () => {
    kept?.close();
    usage?.close();
    relay?.close();
  };
  try {
    const store: KeyStore = kept ?? memoryKeys();
    const shared = {
      apps,
      limits,
      media,
      adapters,
      usage: usage ?? memoryUsage(),
      streamKey: options.streamKey ?? randomBytes(32),
      iceServers: async () => (await relay?.issue(peerCredentials)) ?? [],
      onError,
    };
    const { workers: count = 1, workerLimits = {}, onWorker = () => {} } = options;
    const calls =
      count > 1
        ? await openWorkers({ ...shared, store, count, workerLimits, onWorker })
        : await inside({ ...shared, store });

    const api = new Hono();
    if (management !== undefined) {
      const onRemoved = (kind: KeyKind, uid: string) => {
        if (kind === "app") calls.endApp(uid);
        else relay?.forget(uid).catch(onError);
      };
      const manage = manageRoutes({ keys: calls.keys, token: management.token, onRemoved, onError });
      api.all("/client/*", async (c) => {
        const answer = await manage.fetch(c.req.raw);
        await calls.settled();
        return answer;
      });
    }
    if (relay !== undefined) {
      const turn = turnRoutes({ keys: calls.keys, relay, onError });
      api.all("/v1/turn/*", (c) => turn.fetch(c.req.raw));
    }
    api.all("*", (c) => calls.fetch(c.req.raw));

    return {
      fetch: async (request) => api.fetch(request),
      sessionCount: calls.sessionCount,
      workers: calls.workers,
      relayFor:
        relay && (async () => ({ iceServers: await relay.issue(memberCredentials), ttl: memberCredentials.ttl })),
      async close() {
        await calls.close();
        release();
      },
    };
  } catch (error) {
    release();
    throw error;
  }
}

async function inside({ store, ...options }: CallsOptions): Promise<CallsServer> {
  const keys = new Keys(store, keyPlatform);
  const { sfu, fetch, close } = await openMedia({ ...options, keys, newId: () => randomBytes(16).toString("hex") });
  return {
    keys,
    fetch,
    sessionCount: () => sfu.sessionCount,
    workers: () => [],
    endApp: (uid) => sfu.endApp(uid),
    settled: async () => {},
    close: async () => close(),
  };
}
