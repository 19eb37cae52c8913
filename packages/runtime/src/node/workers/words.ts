/** What the process in front and its media workers say to each other, over the channel that Node gives a child. */
import type { Key, KeyKind, SfuConfig, SfuLimits, UsageRow } from "@satsuma/sfu";
import type { AdapterConfig } from "../adapters.ts";
import type { TransportConfig } from "../transport.ts";

/** All that a worker is told at its start. */
export interface Assignment {
  readonly number: number;
  /** Of all workers. */
  readonly count: number;
  /** Folder of the sockets. */
  readonly folder: string;
  readonly apps: SfuConfig["apps"];
  readonly keys: readonly Key[];
  readonly limits: Partial<SfuLimits>;
  readonly media: TransportConfig;
  readonly adapters: AdapterConfig;
  readonly streamKey: Uint8Array;
  /** ms between two reports of its load. */
  readonly interval: number;
}

/** `id` is given back with `done`. */
export type ToWorker =
  | { readonly ask: "start"; readonly assignment: Assignment }
  | { readonly ask: "put"; readonly id: number; readonly kind: KeyKind; readonly key: Key }
  | { readonly ask: "remove"; readonly id: number; readonly kind: KeyKind; readonly uid: string }
  | { readonly ask: "count"; readonly id: number }
  | { readonly ask: "close" };

export interface Load {
  readonly sessions: number;
  /** Share of the last interval in which its event loop was at work, 0 … 1. */
  readonly busy: number;
  /** Tracks that come from other workers, and that go to them. */
  readonly imports: number;
  readonly exports: number;
}

export type FromWorker =
  | { readonly told: "ready" }
  | {
      readonly told: "failed";
      readonly message: string;
      readonly code: string | undefined;
      readonly port: number | undefined;
    }
  | { readonly told: "load"; readonly load: Load }
  | { readonly told: "usage"; readonly rows: readonly UsageRow[] }
  | { readonly told: "error"; readonly message: string }
  | { readonly told: "done"; readonly id: number };
