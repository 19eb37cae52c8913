/** The WebSocket media adapters on Node: clock, timer, randomness, `ws` and libopus around the core of `@satsuma/sfu`. */
import { randomBytes } from "node:crypto";
import { type AdapterLimits, type AdapterPlatform, Adapters, defaultAdapterLimits, type Sfu } from "@satsuma/sfu";
import type { DestinationPolicy } from "./adapters-destination.ts";
import { openDecoder, openEncoder } from "./adapters-opus.ts";
import { dial } from "./adapters-socket.ts";

export interface AdapterConfig extends Partial<AdapterLimits> {
  /** Which endpoints beside public ones may be dialled. Default: none. */
  readonly destinations?: DestinationPolicy;
}

export function openAdapters(
  sfu: Sfu,
  { newId, onError }: Pick<AdapterPlatform, "newId" | "onError">,
  config: AdapterConfig,
): Adapters {
  const { destinations = {}, ...limits } = config;
  let timer: NodeJS.Timeout | undefined;
  const adapters: Adapters = new Adapters(
    sfu,
    {
      now: () => performance.now(),
      setAlarm(at) {
        clearTimeout(timer);
        timer = at === undefined ? undefined : setTimeout(() => adapters.wake(), Math.max(0, at - performance.now()));
        timer?.unref();
      },
      newId,
      random32: () => randomBytes(4).readUInt32BE(),
      dial: (endpoint, timeout, listener) => dial(endpoint, timeout, listener, destinations),
      encoder: openEncoder,
      decoder: openDecoder,
      onError,
    },
    { ...defaultAdapterLimits, ...limits },
  );
  return adapters;
}
