/**
 * Media spread over workers: what stands before them, and keeps what is one for all of them, which are apps, usage, limits
 * and ports.
 */
import {
  appsOf,
  createFront,
  defaultAdapterLimits,
  defaultLimits,
  type KeyStore,
  Keys,
  Meter,
  mostServers,
} from "@satsuma/sfu";
import { keyPlatform } from "../apps.ts";
import type { CallsOptions, CallsServer } from "../calls-server.ts";
import type { TransportConfig } from "../transport.ts";
import { daysAgo } from "../usage.ts";
import { Crew } from "./crew.ts";
import type { Assignment, Load } from "./words.ts";
import { defaultWorkerLimits, type WorkerEvent, type WorkerLimits } from "./worker-process.ts";

export interface WorkersOptions extends CallsOptions {
  readonly count: number;
  readonly workerLimits: Partial<WorkerLimits>;
  readonly onWorker: (event: WorkerEvent) => void;
}

export interface WorkerState extends Load {
  readonly number: number;
  /** Undefined while it is not there. */
  readonly pid: number | undefined;
  readonly up: boolean;
}

/** Rejects with the error of the first worker that cannot start. */
export async function openWorkers(options: WorkersOptions): Promise<CallsServer> {
  const { count, apps, store, media, usage, iceServers, onError } = options;
  if (!Number.isInteger(count) || count > mostServers) {
    throw new RangeError(`There can be ${mostServers} media workers at the most, not ${count}.`);
  }
  checkPorts(media, count);
  const limits = { ...defaultLimits, ...options.limits };
  const adapters = { ...defaultAdapterLimits, ...options.adapters };
  const share = (all: number) => Math.ceil(all / count);
  const interval = options.workerLimits.interval ?? defaultWorkerLimits.interval;
  const assignment = (number: number, folder: string): Assignment => ({
    number,
    count,
    folder,
    apps,
    keys: store.list("app"),
    limits: { ...limits, sessions: share(limits.sessions) },
    media: mediaOf(media, number),
    adapters: { ...adapters, adapters: share(adapters.adapters) },
    streamKey: options.streamKey,
    interval,
  });
  let over = false;
  const crew = new Crew({
    count,
    assignment,
    limits: { ...defaultWorkerLimits, ...options.workerLimits },
    tell: options.onWorker,
    longestWait: 2 * limits.connectWait + limits.sourceWait,
    usage: (rows) => {
      if (!over) usage.add(rows);
    },
    onError,
  });
  let settled: Promise<void> = Promise.resolve();
  const tell = (asked: Parameters<Crew["tell"]>[0]) => {
    const told = crew.tell(asked);
    settled = settled.then(() => told);
  };
  const keys = new Keys(toldTo(tell, store), keyPlatform);
  await crew.start();
  const meter = new Meter(usage, () => daysAgo(0));
  const front = createFront(crew, { apps: appsOf(apps, keys), usage: { meter, daysAgo }, iceServers, onError });
  return {
    keys,
    fetch: async (request) => front.fetch(request),
    sessionCount: () => crew.sessions,
    workers: () => crew.workers.map(({ number, pid, isUp, load }) => ({ number, pid, up: isUp, ...load })),
    // With its key; a worker that starts later never hears of it.
    endApp: () => {},
    settled: () => settled,
    async close() {
      await crew.close();
      over = true;
    },
  };
}

/** Apps that are made or deleted are told to the workers, which check secrets themselves. */
function toldTo(tell: (asked: Parameters<Crew["tell"]>[0]) => void, store: KeyStore): KeyStore {
  return {
    list: (kind) => store.list(kind),
    get: (kind, uid) => store.get(kind, uid),
    put(kind, key) {
      store.put(kind, key);
      if (kind === "app") tell({ ask: "put", kind, key });
    },
    remove(kind, uid) {
      store.remove(kind, uid);
      if (kind === "app") tell({ ask: "remove", kind, uid });
    },
  };
}

function mediaOf(media: TransportConfig, number: number): TransportConfig {
  const { port, sideDoor } = media;
  return { ...media, port: port + number, ...(sideDoor !== undefined && { sideDoor: sideDoor + number }) };
}

function checkPorts({ port, sideDoor }: TransportConfig, count: number): void {
  const apart = sideDoor === undefined || Math.abs(port - sideDoor) >= count;
  if (apart && Math.max(port, sideDoor ?? 0) + count <= 65_536) return;
  throw new RangeError(
    `${count} media workers need ${count} UDP ports from ${port}, apart from those of the side door.`,
  );
}
