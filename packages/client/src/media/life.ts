/**
 * The life of the media connection as one would draw it: six states, and the ways between them.
 *
 * Browsers' connections come and go beneath it; this is the one connection that an app sees, from new to closed. A way that
 * is not drawn here is a bug in this package, and thrown at once.
 */
export type ConnectionState = "new" | "connecting" | "connected" | "disconnected" | "failed" | "closed";

const ways: Readonly<Record<ConnectionState, readonly ConnectionState[]>> = {
  new: ["connecting", "closed"],
  connecting: ["connected", "failed", "closed"],
  connected: ["disconnected", "failed", "closed"],
  // Another connection may be up before the old one has recovered or failed.
  disconnected: ["connected", "failed", "closed"],
  // Whatever failed is tried anew, for as long as the room is wanted.
  failed: ["connecting", "closed"],
  closed: [],
};

export type Cause =
  /** The first of all, and every one after a failure. */
  | "attempt"
  | "up"
  /** Nothing is heard of the media server. */
  | "media-server-silent"
  | "transport-failed"
  | "transport-closed"
  /** Silent for too long, or never up in time. */
  | "transport-silent"
  | "connect-timeout"
  /** The media server refused the session, or a negotiation ended half done. */
  | "session-broken"
  /** The media server was asked, and knows the session no more. */
  | "session-forgotten"
  /** The room had given up one's place, with the session. */
  | "new-stay"
  /** The room came back, and media did not. */
  | "room-back-media-silent"
  | "room-over";

export interface Transition {
  readonly from: ConnectionState;
  readonly to: ConnectionState;
  /** Milliseconds, on the clock of the core. */
  readonly at: number;
  /** Why, as a stable word; of a failure what was seen. */
  readonly cause: Cause;
}

/** Transitions that are remembered: of a call that failed fifty times, one wants to know the last ones. */
const remembered = 64;

export function isLegal(from: ConnectionState, to: ConnectionState): boolean {
  return ways[from].includes(to);
}

export class Life {
  #state: ConnectionState = "new";
  #history: readonly Transition[] = [];

  get state(): ConnectionState {
    return this.#state;
  }

  /** Newest last. */
  get history(): readonly Transition[] {
    return this.#history;
  }

  enter(to: ConnectionState, cause: Cause, now: number): void {
    const from = this.#state;
    if (from === to) return;
    if (!isLegal(from, to)) throw new Error(`A media connection cannot go from ${from} to ${to} (${cause}).`);
    this.#state = to;
    this.#history = [...this.#history, { from, to, at: now, cause }].slice(-remembered);
  }
}
