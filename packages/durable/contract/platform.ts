import type { Json } from "@satsuma/durable";

/** What a runtime can do beyond the contract's core; a suite asks for these and never for a runtime's name. */
export interface Capabilities {
  readonly sql: boolean;
  /** Time passes only when told, so that minutes can be tested. */
  readonly handClock: boolean;
}

/** A runtime under test. */
export interface Platform {
  readonly name: string;
  readonly capabilities: Capabilities;
  start(): Promise<World>;
}

/** Which class answers for the namespace `grown`: a release and the one after it. */
export type Release = "first" | "second";

export type Kind = "scripted" | "diary" | "faulty" | "grown" | "tables";

/** A running runtime with the contract's actors in it. */
export interface World {
  /** Rejects with a RefusedError. */
  ask(kind: Kind, name: string, question: Json): Promise<Json>;
  dial(kind: Kind, name: string, detail?: Json): Promise<Peer>;
  /** Resolves when `check` gives true, letting time pass; rejects after `withinMs` of it. */
  until(check: () => Promise<boolean> | boolean, withinMs: number): Promise<void>;
  /** Milliseconds since the epoch, by the actors' clock. */
  now(): number;
  /** Ends every instance and begins again over the same data, as a new process would. */
  restart(release?: Release): Promise<void>;
  close(): Promise<void>;
}

/** The far end of a socket. */
export interface Peer {
  readonly received: readonly string[];
  readonly closed: { readonly code: number; readonly reason: string } | undefined;
  send(data: string): void;
  close(code: number, reason: string): void;
}
