/**
 * The SFU on Node: the core of `@satsuma/sfu` with a clock, one timer, randomness and libdatachannel.
 *
 * It can run inside the room server's process, reached through `fetch` without a socket, or in a process of its own
 * behind any HTTP listener: the same function answers both.
 */
import { randomBytes } from "node:crypto";
import { createApi, defaultLimits, Sfu, type SfuConfig, type SfuLimits } from "@satsuma/sfu";
import { openTransports, type TransportConfig } from "./transport.ts";

export interface NodeSfuOptions {
  readonly apps: SfuConfig["apps"];
  readonly limits?: Partial<SfuLimits>;
  readonly media: TransportConfig;
  /** Hears errors that no client caused. */
  readonly onError: (error: unknown) => void;
}

export interface NodeSfu {
  /** The Calls API at `/v1/apps/:app` and `/apps/:app`. */
  readonly fetch: (request: Request) => Promise<Response>;
  readonly sessionCount: () => number;
  /** Ends all sessions; peers see their connections close. */
  readonly close: () => void;
}

/** Rejects with the socket's error when the media port cannot be bound. */
export async function createSfu(options: NodeSfuOptions): Promise<NodeSfu> {
  const transports = await openTransports(options.media, options.onError);
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
    { ...defaultLimits, ...options.limits },
  );
  const api = createApi(sfu, { apps: options.apps, onError: options.onError });
  return {
    fetch: async (request) => api.fetch(request),
    sessionCount: () => sfu.sessionCount,
    close() {
      sfu.shutDown();
      transports.close();
    },
  };
}
