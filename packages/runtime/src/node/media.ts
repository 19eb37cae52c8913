/** One media server in this process: the core of `@satsuma/sfu` with a clock, one timer, randomness and libdatachannel. */
import { randomBytes } from "node:crypto";
import { createApi, defaultLimits, type Elsewhere, type Keys, Meter, Sfu } from "@satsuma/sfu";
import { openAdapters } from "./adapters.ts";
import type { CallsOptions } from "./calls-server.ts";
import { now } from "./clock.ts";
import { Rest } from "./rest.ts";
import { streamTokens } from "./stream-tokens.ts";
import { openTransports } from "./transport.ts";
import { daysAgo } from "./usage.ts";

/** What every server of the Calls API is given, with its keys open. */
export interface MediaOptions extends Omit<CallsOptions, "store"> {
  readonly keys: Keys;
  /** 32 hexadecimal digits, unguessable. */
  readonly newId: () => string;
  readonly elsewhere?: Elsewhere;
}

export interface OpenMedia {
  readonly sfu: Sfu;
  readonly meter: Meter;
  /** The Calls API. */
  readonly fetch: (request: Request) => Promise<Response>;
  /** Ends all sessions; peers see their connections close. */
  close(): void;
}

/** Rejects with the socket's error when the media port cannot be bound. */
export async function openMedia(options: MediaOptions): Promise<OpenMedia> {
  const { apps, keys, newId, elsewhere, onError } = options;
  const transports = await openTransports(options.media, onError);
  const meter = new Meter(options.usage, () => daysAgo(0));
  let timer: NodeJS.Timeout | undefined;
  const rest = new Rest();
  const sfu: Sfu = new Sfu(
    {
      transports,
      now: () => performance.now(),
      restedAt: (now) => rest.at(now),
      afterTurn(step) {
        // Behind the callbacks of whatever came. What is thrown there ended one session, and not the process.
        setImmediate(() => {
          try {
            step();
          } catch (error) {
            onError(error);
          }
        });
      },
      setAlarm(at) {
        clearTimeout(timer);
        timer = at === undefined ? undefined : setTimeout(() => sfu.wake(), Math.max(0, at - performance.now()));
        timer?.unref();
      },
      newId,
      random32: () => randomBytes(4).readUInt32BE(),
      ...(elsewhere && { elsewhere }),
    },
    { ...defaultLimits, ...options.limits },
    meter,
  );
  const adapters = openAdapters(sfu, { newId, onError }, options.adapters ?? {});
  const tokens = streamTokens(options.streamKey, now);
  const whip = { tokens, iceServers: options.iceServers };
  const api = createApi(sfu, { apps, keys, adapters, usage: { meter, daysAgo }, whip, onError });
  return {
    sfu,
    meter,
    fetch: async (request) => api.fetch(request),
    close() {
      sfu.shutDown();
      transports.close();
    },
  };
}
