/**
 * The life of the media connection: made, lost, made again, and what is pushed and pulled on it.
 *
 * Pure, like the session core. Each connection is an attempt with a number; a word about an earlier attempt is dropped,
 * so a late reply can never touch the new one. How a push or pull is negotiated is not known here (peer.ts).
 */
import type { RetryPolicy } from "../backoff.ts";
import { earliest } from "../deadline.ts";
import { OutageCount, type Outages } from "../outages.ts";
import { type Cause, Life } from "./life.ts";
import { type PublicationChange, Publications, type Push } from "./publications.ts";
import type { Recorded } from "./record.ts";
import { Subscriptions } from "./subscriptions.ts";
import { type MediaEffect, type MediaInput, type MediaState, type RemoteTrack, trackKey } from "./words.ts";

type Attempt =
  | { readonly life: "new" }
  /** The connection exists; `silentSince` while its transport is not up. */
  | { readonly life: "open"; readonly transport: RTCPeerConnectionState; readonly silentSince: number | undefined }
  | { readonly life: "waiting"; readonly until: number }
  | { readonly life: "closed" };

/** Milliseconds for which a disconnected transport may come back by itself, as partytracks grants it. */
export const disconnectedPatience = 7000;
/** Milliseconds from the session to a transport that is up. */
export const connectPatience = 15_000;
/** Milliseconds after a second welcome in which a transport that falls silent is not waited for: the server may be another one. */
export const suspicion = 15_000;
/** Milliseconds between two connections made for a change of the network: it often comes as several. */
const replacePause = 2_000;
/** The same of one that was being made when the network became another: what it found before may lead nowhere. */
export const changedPatience = 3_000;
/** Milliseconds after which another connection that asked for nothing yet has nothing to ask for; its request may take 30 s. */
export const beginPatience = 40_000;
/** Milliseconds that the connection before is kept at the most once the new one is up. */
export const retirePatience = 4_000;
/** Milliseconds for which the word of the media server holds that it has the session. */
const vouchedFor = 2_000;
/** Milliseconds before a push that the SFU refused is tried again. */
const pushRetry = 5000;
/** And after that the next one of several, so that each is a request of its own. */
const nextPush = 250;

const retire: MediaEffect = { effect: "retire" };

export class MediaCore {
  #life: Attempt = { life: "new" };
  readonly #connection = new Life();
  #attempt = 0;
  #member = false;
  #failures = 0;
  #worked = false;
  #suspectUntil = 0;
  #pushRetryAt: number | undefined;
  /** A connection before the current one is still open: until when, and until when if the current one is never begun. */
  #before: { readonly until: number | undefined; readonly unbegunUntil: number } | undefined;
  /** The network became another one while the present connection was being made. */
  #changedAt: number | undefined;
  #replacedAt = Number.NEGATIVE_INFINITY;
  #replacements = 0;
  #inspecting = false;
  /** Nothing comes on the present connection, although its transport may be up. */
  #silent = false;
  /** When the media server said, during that silence, that it has the session. */
  #vouchedAt: number | undefined;
  readonly #outages = new OutageCount();
  readonly #publications: Publications;
  readonly #subscriptions: Subscriptions;
  readonly #policy: RetryPolicy;

  constructor(options: { readonly policy: RetryPolicy; readonly newName: () => string }) {
    this.#policy = options.policy;
    this.#publications = new Publications(options.newName);
    this.#subscriptions = new Subscriptions(options.policy);
  }

  handle(input: MediaInput, now: number): MediaEffect[] {
    if (this.#life.life === "closed") return [];
    if ("attempt" in input && input.attempt !== this.#attempt) return [];
    switch (input.input) {
      case "start":
        return this.#life.life === "new" ? this.#open(now) : [];
      case "member":
        return this.#admitted(now);
      case "away":
        return this.#inspect();
      case "new-stay":
        this.#publications.forget();
        this.#before = undefined;
        return [this.#announce(), ...(this.#life.life === "open" ? this.#lost("new-stay", now) : [retire])];
      case "local":
        return this.#publish(this.#publications.want(input.tracks, this.#life.life === "open", now));
      case "taken":
        return this.#publish(this.#publications.taken(input.names, this.#life.life === "open", now));
      case "remote": {
        const change = this.#subscriptions.want(input.tracks, now);
        const live = this.#life.life === "open";
        if (!live) return [];
        return [...this.#pull(change.pull), ...this.#release(change.release), ...this.#prefer(change.prefer)];
      }
      case "pushed":
        this.#publications.pushed(input.id, input.name, input.session);
        return [];
      case "push-failed":
        return this.#pushFailed(input.id, input.name, now);
      case "flowing":
        this.#publications.flowing(input.id, input.name);
        return [this.#announce()];
      case "pulled":
        return [...this.#pulled(input.key), ...this.#retire(now)];
      case "pull-failed":
        this.#subscriptions.failed(input.key, now);
        return this.#retire(now);
      case "dead": {
        if (this.#life.life !== "open" || !this.#subscriptions.dead(input.key, now)) return [];
        return [...this.#release([input.key]), ...this.#pull(this.#subscriptions.due(now))];
      }
      case "transport":
        return this.#transport(input.state, now);
      case "broken":
        return this.#life.life === "open" ? this.#lost("session-broken", now) : [];
      case "network":
        return this.#replace(now);
      case "silence":
        return this.#fellSilent(now);
      case "heard":
        return this.#heard(now);
      case "inspected":
        return this.#inspected(input.alive, now);
      case "stop":
        this.#life = { life: "closed" };
        this.#connection.enter("closed", "room-over", now);
        return [{ effect: "close", keep: false }, { effect: "changed" }];
      case "tick":
        return this.#tick(now);
    }
  }

  nextDeadline(): number | undefined {
    switch (this.#life.life) {
      case "new":
      case "closed":
        return undefined;
      case "waiting":
        return this.#life.until;
      case "open":
        return earliest(
          this.#transportDeadline(),
          this.#pushRetryAt,
          this.#life.transport === "new" ? this.#before?.unbegunUntil : this.#before?.until,
          this.#subscriptions.nextDeadline(),
        );
    }
  }

  state(): MediaState {
    switch (this.#connection.state) {
      case "connecting":
      case "disconnected":
      case "failed":
        return this.#worked ? "recovering" : "connecting";
      default:
        return this.#connection.state;
    }
  }

  get connection(): Pick<Recorded, "state" | "history" | "attempt"> {
    return { state: this.#connection.state, history: this.#connection.history, attempt: this.#attempt };
  }

  outages(now: number): Outages {
    return this.#outages.view(now);
  }

  /** Connections that were made beside a working one, for another network. */
  get replacements(): number {
    return this.#replacements;
  }

  /** Beside `before`, if that is still good. */
  #open(now: number, before = this.#before): MediaEffect[] {
    this.#attempt += 1;
    const keep = before !== undefined && now < before.unbegunUntil;
    this.#before = keep ? { ...before, until: undefined } : undefined;
    // With one before it, the connection is what that one is until this one is up.
    if (!keep || this.#connection.state === "failed") this.#connection.enter("connecting", "attempt", now);
    this.#outages.tried();
    this.#inspecting = false;
    this.#silent = false;
    this.#vouchedAt = undefined;
    this.#life = { life: "open", transport: "new", silentSince: undefined };
    this.#suspectUntil = 0;
    this.#changedAt = undefined;
    this.#pushRetryAt = undefined;
    return [
      { effect: "open", attempt: this.#attempt, keep },
      ...(this.#member ? [{ effect: "session", attempt: this.#attempt } as const] : []),
      ...this.#push(this.#publications.restart(now)),
      ...this.#pull(this.#subscriptions.restart(now)),
      { effect: "changed" },
    ];
  }

  #admitted(now: number): MediaEffect[] {
    const first = !this.#member;
    this.#member = true;
    if (this.#life.life === "waiting") return this.#open(now);
    if (this.#life.life !== "open") return [];
    if (first) return [{ effect: "session", attempt: this.#attempt }];
    this.#suspectUntil = now + suspicion;
    return this.#life.transport === "disconnected" ? this.#lost("room-back-media-silent", now) : this.#inspect();
  }

  /** A server that was started anew has forgotten the session, long before the transport can know. */
  #inspect(): MediaEffect[] {
    if (!this.#wasUp() || this.#inspecting) return [];
    this.#inspecting = true;
    return [{ effect: "inspect", attempt: this.#attempt }];
  }

  #inspected(alive: boolean | undefined, now: number): MediaEffect[] {
    this.#inspecting = false;
    if (this.#life.life !== "open" || alive === undefined) return [];
    if (!alive) return this.#lost("session-forgotten", now);
    if (this.#silent) this.#vouchedAt = now;
    return [];
  }

  #fellSilent(now: number): MediaEffect[] {
    if (!this.#wasUp()) return [];
    this.#silent = true;
    const shown: MediaEffect[] = [];
    if (this.#connection.state === "connected") {
      this.#connection.enter("disconnected", "media-server-silent", now);
      this.#outages.lost("media-server-silent", now);
      shown.push({ effect: "changed" });
    }
    // The server is well and sends, but not to here: this end has another address by now, and only a new connection says so.
    // Said once more after its answer, since a server that only stood still for a moment answers as soon as it sends.
    const vouched = this.#vouchedAt !== undefined && now - this.#vouchedAt < vouchedFor;
    return [...shown, ...(vouched ? this.#replace(now) : this.#inspect())];
  }

  #heard(now: number): MediaEffect[] {
    this.#silent = false;
    this.#vouchedAt = undefined;
    if (!this.#wasUp() || this.#connection.state !== "disconnected") return [];
    this.#connection.enter("connected", "up", now);
    this.#outages.back(now);
    return [{ effect: "changed" }];
  }

  #wasUp(): boolean {
    if (this.#life.life !== "open") return false;
    return this.#life.transport === "connected" || this.#life.transport === "disconnected";
  }

  /** Makes another connection beside the present one, which goes on as long as it can. */
  #replace(now: number): MediaEffect[] {
    if (this.#life.life === "waiting") return this.#open(now);
    const soon = now - this.#replacedAt < replacePause;
    if (!this.#wasUp()) this.#changedAt = now;
    if (!this.#wasUp() || !this.#member || soon) return [];
    this.#replacedAt = now;
    this.#replacements += 1;
    return this.#open(now, { until: undefined, unbegunUntil: now + beginPatience });
  }

  /** Closes the connection before, once the new one is up and has everything, or has had time enough. */
  #retire(now: number): MediaEffect[] {
    if (this.#before === undefined || this.#life.life !== "open") return [];
    // What was to be sent or received is over, so the new one was not begun, and the old one has nothing to do either.
    const unbegun = this.#life.transport === "new" && now >= this.#before.unbegunUntil;
    if (this.#life.transport !== "connected" && !unbegun) return [];
    const until = this.#before.until ?? now + retirePatience;
    this.#before = { ...this.#before, until };
    if (now < until && !this.#subscriptions.settled && !unbegun) return [];
    this.#before = undefined;
    return [retire, { effect: "changed" }];
  }

  #transport(state: RTCPeerConnectionState, now: number): MediaEffect[] {
    if (this.#life.life !== "open") return [];
    const hopeless = state === "disconnected" && now < this.#suspectUntil;
    if (state === "failed" || state === "closed" || hopeless)
      return this.#lost(state === "disconnected" ? "transport-silent" : `transport-${state}`, now);
    if (state === "connected") {
      this.#failures = 0;
      this.#worked = true;
      this.#connection.enter("connected", "up", now);
      this.#outages.back(now);
    }
    if (state === "disconnected" && this.#connection.state === "connected" && this.#before === undefined) {
      this.#connection.enter("disconnected", "media-server-silent", now);
      this.#outages.lost("media-server-silent", now);
    }
    const silent = state === "connecting" || state === "disconnected";
    const since = state === this.#life.transport ? this.#life.silentSince : now;
    this.#life = { life: "open", transport: state, silentSince: silent ? since : undefined };
    return [{ effect: "changed" }, ...this.#retire(now)];
  }

  #lost(cause: Cause, now: number): MediaEffect[] {
    this.#failures += 1;
    this.#connection.enter("failed", cause, now);
    if (this.#worked) this.#outages.lost(cause, now);
    // Media is tried for as long as the room is wanted, whatever the policy says of a first try.
    const delay = this.#policy({ failures: this.#failures, worked: true }) ?? connectPatience;
    this.#life = { life: "waiting", until: now + delay };
    // What was to take its place has failed, and it may well go on. Of a media server that has forgotten the one, it has the other no more.
    if (cause === "session-forgotten") this.#before = undefined;
    return [{ effect: "close", keep: this.#before !== undefined }, { effect: "changed" }];
  }

  #pushFailed(id: string, name: string, now: number): MediaEffect[] {
    this.#publications.failed(id, name);
    this.#pushRetryAt = Math.min(this.#pushRetryAt ?? Number.POSITIVE_INFINITY, now + pushRetry);
    return [];
  }

  #tick(now: number): MediaEffect[] {
    if (this.#life.life === "waiting") return now < this.#life.until ? [] : this.#open(now);
    if (this.#life.life !== "open") return [];
    const silentUntil = this.#transportDeadline();
    if (silentUntil !== undefined && now >= silentUntil) {
      return this.#lost(this.#life.transport === "disconnected" ? "transport-silent" : "connect-timeout", now);
    }
    const effects = [...this.#pull(this.#subscriptions.due(now)), ...this.#retire(now)];
    if (this.#pushRetryAt === undefined || now < this.#pushRetryAt) return effects;
    const { push, more } = this.#publications.retry(now);
    this.#pushRetryAt = more ? now + nextPush : undefined;
    return [...effects, ...this.#push(push)];
  }

  #transportDeadline(): number | undefined {
    if (this.#life.life !== "open" || this.#life.silentSince === undefined) return undefined;
    const { transport, silentSince } = this.#life;
    if (transport === "disconnected") return silentSince + disconnectedPatience;
    const changed =
      this.#changedAt === undefined ? undefined : Math.max(this.#changedAt, silentSince) + changedPatience;
    return Math.min(silentSince + connectPatience, changed ?? Number.POSITIVE_INFINITY);
  }

  #publish({ push, withdraw }: PublicationChange): MediaEffect[] {
    const ended = withdraw.map((id) => ({ effect: "withdraw", attempt: this.#attempt, id }) as const);
    return [...ended, ...this.#push(push), this.#announce()];
  }

  #push(pushes: readonly Push[]): MediaEffect[] {
    return pushes.map((push) => ({ effect: "push", attempt: this.#attempt, ...push }));
  }

  #pull(tracks: readonly RemoteTrack[]): MediaEffect[] {
    return tracks.map((track) => ({
      effect: "pull",
      attempt: this.#attempt,
      key: trackKey(track),
      session: track.session,
      name: track.name,
      rid: track.rid,
    }));
  }

  #pulled(key: string): MediaEffect[] {
    const next = this.#subscriptions.pulled(key);
    if (next === "keep") return [];
    return next === "release" ? this.#release([key]) : this.#prefer([next]);
  }

  #prefer(tracks: readonly RemoteTrack[]): MediaEffect[] {
    return tracks.map((track) => ({ effect: "prefer", attempt: this.#attempt, track }));
  }

  #release(keys: readonly string[]): MediaEffect[] {
    return keys.map((key) => ({ effect: "release", attempt: this.#attempt, key }));
  }

  #announce(): MediaEffect {
    return { effect: "announce", tracks: this.#publications.announcement() };
  }
}
