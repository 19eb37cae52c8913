/** Who answers the Calls API behind the edge of the process: one server in it, or workers beside it. */
import type { IceServer } from "@satsuma/protocol";
import type { KeyStore, Keys, SfuConfig, SfuLimits, UsageStore } from "@satsuma/sfu";
import type { AdapterConfig } from "./adapters.ts";
import type { TransportConfig } from "./transport.ts";
import type { WorkerState } from "./workers/front.ts";

export interface CallsServer {
  readonly keys: Keys;
  readonly fetch: (request: Request) => Promise<Response>;
  readonly sessionCount: () => number;
  readonly workers: () => readonly WorkerState[];
  readonly endApp: (uid: string) => void;
  /** Resolves when what was done to `keys` holds everywhere. */
  readonly settled: () => Promise<void>;
  /** Resolves when nothing more is counted. */
  readonly close: () => Promise<void>;
}

export interface CallsOptions {
  readonly apps: SfuConfig["apps"];
  readonly limits: Partial<SfuLimits> | undefined;
  readonly media: TransportConfig;
  readonly adapters: AdapterConfig | undefined;
  readonly usage: UsageStore;
  readonly streamKey: Uint8Array;
  readonly iceServers: () => Promise<readonly IceServer[]>;
  readonly store: KeyStore;
  readonly onError: (error: unknown) => void;
}
