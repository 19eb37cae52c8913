/**
 * The SFU on Node: the core of `@satsuma/sfu` with a clock, one timer, randomness and libdatachannel.
 *
 * It can run inside the room server's process, reached through `fetch` without a socket, or in a process of its own
 * behind any HTTP listener: the same function answers both.
 */

import { randomBytes } from "node:crypto";
import type { IceServer } from "@satsuma/protocol";
import {
  createApi,
  defaultLimits,
  type KeyKind,
  Keys,
  Meter,
  manageRoutes,
  memoryKeys,
  memoryUsage,
  Sfu,
  type SfuConfig,
  type SfuLimits,
  turnRoutes,
} from "@satsuma/sfu";
import { Hono } from "hono";
import { type AdapterConfig, openAdapters } from "./adapters.ts";
import { keyPlatform, openKeys } from "./apps.ts";
import { now } from "./clock.ts";
import { streamTokens } from "./stream-tokens.ts";
import { type OpenTransports, openTransports, type TransportConfig } from "./transport.ts";
import { openRelay, type TurnConfig } from "./turn.ts";
import { daysAgo, openUsage } from "./usage.ts";

export interface NodeSfuOptions {
  readonly apps: SfuConfig["apps"];
  readonly limits?: Partial<SfuLimits>;
  readonly media: TransportConfig;
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
  readonly sessionCount: () => number;
  /** Servers and credentials of the relay for one browser, good for `ttl` seconds; undefined without a relay. */
  readonly relayFor: (() => Promise<{ readonly iceServers: readonly IceServer[]; readonly ttl: number }>) | undefined;
  /** Ends all sessions; peers see their connections close. */
  readonly close: () => void;
}

/** A day, as for TURN keys. The name is no key's, so nobody else can revoke them. */
const peerCredentials = { key: "peers", ttl: 86_400, identifier: undefined };

/** An hour: a call renews them, and whoever has left is soon without. */
const memberCredentials = { key: "members", ttl: 3_600, identifier: undefined };

/** Rejects with the socket's error when the media port cannot be bound. */
export async function createSfu(options: NodeSfuOptions): Promise<NodeSfu> {
  const { apps, management, onError } = options;
  const transports = await openTransports(options.media, onError);
  try {
    const kept = management?.file === undefined ? undefined : openKeys(management.file);
    const relay = options.turn && openRelay(options.turn, onError);
    const usage = options.usageFile === undefined ? undefined : openUsage(options.usageFile);
    const meter = new Meter(usage ?? memoryUsage(), () => daysAgo(0));
    const sfu = start(transports, options.limits, meter);
    const keys = new Keys(kept ?? memoryKeys(), keyPlatform);

    const api = new Hono();
    if (management !== undefined) {
      const onRemoved = (kind: KeyKind, uid: string) => {
        if (kind === "app") sfu.endApp(uid);
        else relay?.forget(uid).catch(onError);
      };
      const manage = manageRoutes({ keys, token: management.token, onRemoved, onError });
      api.all("/client/*", (c) => manage.fetch(c.req.raw));
    }
    if (relay !== undefined) {
      const turn = turnRoutes({ keys, relay, onError });
      api.all("/v1/turn/*", (c) => turn.fetch(c.req.raw));
    }
    const adapters = openAdapters(sfu, options.adapters ?? {}, onError);
    const tokens = streamTokens(options.streamKey ?? randomBytes(32), now);
    const iceServers = async () => (await relay?.issue(peerCredentials)) ?? [];
    const calls = createApi(sfu, {
      apps,
      keys,
      adapters,
      usage: { meter, daysAgo },
      whip: { tokens, iceServers },
      onError,
    });
    api.all("*", (c) => calls.fetch(c.req.raw));

    return {
      fetch: async (request) => api.fetch(request),
      sessionCount: () => sfu.sessionCount,
      relayFor:
        relay && (async () => ({ iceServers: await relay.issue(memberCredentials), ttl: memberCredentials.ttl })),
      close() {
        sfu.shutDown();
        kept?.close();
        usage?.close();
        relay?.close();
        transports.close();
      },
    };
  } catch (error) {
    transports.close();
    throw error;
  }
}

function start(transports: OpenTransports, limits: Partial<SfuLimits> | undefined, meter: Meter): Sfu {
  let timer: NodeJS.Timeout | undefined;
  const sfu: Sfu = new Sfu(
    {
      transports,
      now: () => performance.now(),
      setAlarm(at) {
        clearTimeout(timer);
        timer = at === undefined ? undefined : setTimeout(() => sfu.wake(), Math.max(0, at - performance.now()));
        timer?.unref();
      },
      newId: () => randomBytes(16).toString("hex"),
      random32: () => randomBytes(4).readUInt32BE(),
    },
    { ...defaultLimits, ...limits },
    meter,
  );
  return sfu;
}
