/**
 * What this client receives: which announced tracks to pull, and when to try again.
 *
 * A pull that fails is retried for as long as its track is announced, since the publisher may not have been heard yet.
 * A muted camera is not pulled before it is switched on: it sends nothing, and the pull would wait for it.
 */
import type { RetryPolicy } from "../backoff.ts";
import { type RemoteTrack, trackKey } from "./words.ts";

type Subscription = { readonly track: RemoteTrack } & (
  | { readonly state: "due"; readonly at: number; readonly failures: number }
  /** `rid` is the layer that was asked for. */
  | { readonly state: "pulling"; readonly failures: number; readonly rid: string | undefined }
  | { readonly state: "pulled"; readonly rid: string | undefined }
);

export interface SubscriptionChange {
  readonly pull: readonly RemoteTrack[];
  /** Keys of pulled tracks that are no longer wanted. */
  readonly release: readonly string[];
  /** Pulled tracks of which another layer is wanted. */
  readonly prefer: readonly RemoteTrack[];
}

export class Subscriptions {
  readonly #byKey = new Map<string, Subscription>();
  /** Pulls whose track went away before the reply came. */
  readonly #unwanted = new Set<string>();
  readonly #policy: RetryPolicy;

  constructor(policy: RetryPolicy) {
    this.#policy = policy;
  }

  want(tracks: readonly RemoteTrack[], now: number): SubscriptionChange {
    const wanted = new Map(tracks.map((track) => [trackKey(track), track]));
    const release: string[] = [];
    const prefer: RemoteTrack[] = [];
    for (const [key, known] of this.#byKey) {
      if (wanted.has(key)) continue;
      this.#byKey.delete(key);
      if (known.state === "pulled") release.push(key);
      if (known.state === "pulling") this.#unwanted.add(key);
    }
    for (const [key, track] of wanted) {
      const known = this.#byKey.get(key);
      if (known?.state === "pulled" && known.rid !== track.rid) {
        prefer.push(track);
        this.#byKey.set(key, { track, state: "pulled", rid: track.rid });
      } else if (known) this.#byKey.set(key, { ...known, track });
      else if (this.#unwanted.delete(key))
        this.#byKey.set(key, { track, state: "pulling", failures: 0, rid: undefined });
      else this.#byKey.set(key, { track, state: "due", at: now, failures: 0 });
    }
    return { pull: this.due(now), release, prefer };
  }

  /** The pulls that are due; they count as under way from here on. */
  due(now: number): RemoteTrack[] {
    const due: RemoteTrack[] = [];
    for (const [key, known] of this.#byKey) {
      if (known.state !== "due" || known.at > now || !sends(known.track)) continue;
      const { track, failures } = known;
      this.#byKey.set(key, { track, state: "pulling", failures, rid: track.rid });
      due.push(known.track);
    }
    return due;
  }

  /** What is to be done about a track that came: nothing, give it back, or ask for the layer that is wanted by now. */
  pulled(key: string): "keep" | "release" | RemoteTrack {
    if (this.#unwanted.delete(key)) return "release";
    const known = this.#byKey.get(key);
    if (known === undefined) return "release";
    const { track } = known;
    this.#byKey.set(key, { track, state: "pulled", rid: track.rid });
    return known.state === "pulling" && known.rid !== track.rid ? track : "keep";
  }

  /** Whether a track that stopped coming was pulled: it is due again, on an m-line of its own. */
  dead(key: string, now: number): boolean {
    const known = this.#byKey.get(key);
    if (known?.state !== "pulled") return false;
    this.#byKey.set(key, { track: known.track, state: "due", at: now, failures: 0 });
    return true;
  }

  failed(key: string, now: number): void {
    this.#unwanted.delete(key);
    const known = this.#byKey.get(key);
    if (known?.state !== "pulling") return;
    const failures = known.failures + 1;
    const delay = this.#policy({ failures, worked: true });
    // A policy that gives up leaves the track alone until it is announced anew.
    const at = delay === undefined ? Number.POSITIVE_INFINITY : now + delay;
    this.#byKey.set(key, { track: known.track, state: "due", at, failures });
  }

  /** A new connection: nothing is pulled there yet. */
  restart(now: number): RemoteTrack[] {
    this.#unwanted.clear();
    for (const [key, { track }] of this.#byKey) this.#byKey.set(key, { track, state: "due", at: now, failures: 0 });
    return this.due(now);
  }

  /** Whether no pull is under way. */
  get settled(): boolean {
    for (const { state } of this.#byKey.values()) if (state === "pulling") return false;
    return true;
  }

  nextDeadline(): number | undefined {
    let next = Number.POSITIVE_INFINITY;
    for (const known of this.#byKey.values()) {
      if (known.state === "due" && sends(known.track)) next = Math.min(next, known.at);
    }
    return Number.isFinite(next) ? next : undefined;
  }
}

function sends(track: RemoteTrack): boolean {
  return track.kind === "audio" || !track.muted;
}
