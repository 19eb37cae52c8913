/** What a running session needs of the server around it. */
import type { TrackObject, TrackResult } from "@satsuma/protocol";
import type { SfuLimits } from "../config.ts";
import type { Transports } from "../transport.ts";
import type { Consequences, FindPublication } from "./consequences.ts";

export interface LiveContext {
  /** Whether the peer is another server, which may be an ICE-lite one. */
  readonly thirdParty: boolean;
  readonly transports: Transports;
  readonly limits: SfuLimits;
  readonly now: () => number;
  readonly random32: () => number;
  readonly newName: () => string;
  readonly find: FindPublication;
  /** Waits for what is to be pulled; gives the results of tracks that cannot be. */
  readonly failedSources: (tracks: readonly TrackObject[]) => Promise<ReadonlyMap<TrackObject, TrackResult>>;
  /** One packet of the peer. */
  readonly packet: (bytes: Uint8Array) => void;
  readonly follow: (consequences: Consequences) => void;
  readonly connected: () => void;
  /** What is sent goes to another transport from now on, once that is connected. */
  readonly reopened: () => void;
  /** Lifetime or deadline may have changed. */
  readonly changed: () => void;
}
