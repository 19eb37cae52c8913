/**
 * The shell of the media core: performs its effects on peers and brings their answers back.
 *
 * Holds what a core cannot: the browser's tracks, senders and receivers. Tells of changes through `changed` alone.
 */
import type { ConnectionStates, TrackKind, TrackSource } from "@satsuma/protocol";
import { Alarm } from "../alarm.ts";
import type { RetryPolicy } from "../backoff.ts";
import type { Outages } from "../outages.ts";
import type { Announced } from "../session/announcement.ts";
import type { JoinTiming } from "../timing.ts";
import { Adjuster } from "./adjuster.ts";
import { MediaCore } from "./core.ts";
import { rested } from "./encodings.ts";
import { flowing, onFirstFrame } from "./flow.ts";
import { IceServers, type IceSource } from "./ice.ts";
import { IdleLayers } from "./idle.ts";
import { Peer } from "./peer.ts";
import { type ConnectionRecord, recordOf } from "./record.ts";
import type { Sfu } from "./sfu.ts";
import { type MediaEffect, type MediaInput, type MediaState, type RemoteTrack, trackKey } from "./words.ts";

/** A local track to send, with what to send; without a track it is muted and its device is released. */
export interface Outgoing {
  /** As in `LocalTrack`. */
  readonly id: string;
  readonly source: TrackSource;
  readonly kind: TrackKind;
  readonly track: MediaStreamTrack | undefined;
  readonly muted: boolean;
  /** How a picture is sent; of sound nothing is asked. Kept in force on the sender. */
  readonly encodings: readonly RTCRtpEncodingParameters[];
}

export interface LinkOptions {
  readonly sfu: Sfu;
  readonly iceServers: IceSource;
  readonly policy: RetryPolicy;
  readonly timing: JoinTiming;
  readonly announce: (tracks: readonly Announced[]) => void;
  readonly changed: () => void;
}

export class MediaLink {
  readonly #options: LinkOptions;
  readonly #core: MediaCore;
  readonly #ice: IceServers;
  readonly #alarm = new Alarm(() => this.handle({ input: "tick" }));
  #peer: Peer | undefined;
  /** The connection before, while it still stands in for the current one. */
  #before: Peer | undefined;
  #outgoing: readonly Outgoing[] = [];
  #bound: number | undefined;
  readonly #idle = new IdleLayers();
  readonly #idleAlarm = new Alarm(() => this.#idled());
  /** The newest push of each track: what an earlier one brings is given back. */
  readonly #names = new Map<string, string>();
  readonly #senders = new Map<string, RTCRtpTransceiver>();
  readonly #adjusters = new WeakMap<RTCRtpSender, Adjuster>();
  readonly #receivers = new Map<string, RTCRtpTransceiver>();

  constructor(options: LinkOptions) {
    this.#options = options;
    this.#core = new MediaCore({ policy: options.policy, newName: () => crypto.randomUUID() });
    this.#ice = new IceServers(options.iceServers, options.policy, (servers) => this.#peer?.configure(servers));
  }

  get connection(): RTCPeerConnection | undefined {
    return this.#peer?.connection;
  }

  get state(): MediaState {
    return this.#core.state();
  }

  /** Tells the core of a fault of the present connection, as the connection itself would. */
  fail(fault: "transport" | "session"): void {
    const { attempt } = this.#core.connection;
    this.handle(fault === "session" ? { input: "broken", attempt } : { input: "transport", attempt, state: "failed" });
  }

  /** bits/s for each picture that is sent at the most; undefined for what its layers have. */
  bound(bitrate: number | undefined): void {
    this.#bound = bitrate;
    this.send(this.#outgoing);
  }

  record(): ConnectionRecord {
    return recordOf(this.#peer?.connection, { ...this.#core.connection, session: this.#peer?.sessionId });
  }

  /** How media was lost and came back, and how often it moved to another network. */
  metrics(): Outages & { readonly replacements: number } {
    return { ...this.#core.outages(performance.now()), replacements: this.#core.replacements };
  }

  /** The states of the record, without its texts. */
  states(): ConnectionStates & { readonly session: string | undefined } {
    const { state, attempt, history } = this.#core.connection;
    const { iceConnectionState: ice, iceGatheringState: gathering, signalingState } = this.#peer?.connection ?? {};
    const states = { connection: state, ice, gathering, signalling: signalingState, attempt };
    return { ...states, why: history.at(-1)?.cause, session: this.#peer?.sessionId };
  }

  /** The m-line of a track that is sent. */
  midOf(id: string): string | undefined {
    return this.#senders.get(id)?.mid ?? undefined;
  }

  /** The receiver of a pulled track. After a lost connection the old one stands in until the new one is there. */
  receiver(key: string): RTCRtpReceiver | undefined {
    return this.#receivers.get(key)?.receiver;
  }

  /** Whether a device is already among what is sent. */
  sends(id: string): boolean {
    return this.#outgoing.some((candidate) => candidate.id === id);
  }

  send(outgoing: readonly Outgoing[]): void {
    this.#outgoing = outgoing;
    for (const { id, track, encodings } of outgoing) {
      const sender = this.#senders.get(id)?.sender;
      // A sender of a closed connection refuses; its successor takes the track when it is pushed.
      if (sender && sender.track !== (track ?? null)) sender.replaceTrack(track ?? null).catch(() => {});
      if (sender) this.#adjust(id, sender, encodings);
    }
    this.handle({
      input: "local",
      tracks: outgoing.map(({ id, source, kind, muted, track }) => ({ id, source, kind, muted, silent: !track })),
    });
  }

  receive(tracks: readonly RemoteTrack[]): void {
    this.handle({ input: "remote", tracks });
    const keys = new Set(tracks.map(trackKey));
    for (const key of this.#receivers.keys()) if (!keys.has(key)) this.#receivers.delete(key);
  }

  handle(input: MediaInput): void {
    const now = performance.now();
    const effects = this.#core.handle(input, now);
    this.#alarm.set(this.#core.nextDeadline(), now);
    for (const effect of effects) this.#perform(effect);
  }

  #perform(effect: MediaEffect): void {
    switch (effect.effect) {
      case "open":
        this.#open(effect.attempt, effect.keep);
        return;
      case "retire":
        this.#before?.close();
        this.#before = undefined;
        return;
      case "inspect":
        this.#inspect(effect.attempt);
        return;
      case "session":
        this.#peer?.open();
        return;
      case "push":
        this.#push(effect);
        return;
      case "withdraw":
        this.#withdraw(effect.id);
        return;
      case "pull":
        this.#pull(effect);
        return;
      case "prefer":
        this.#prefer(effect.track);
        return;
      case "release":
        this.#release(effect.key);
        return;
      case "announce":
        this.#options.announce(effect.tracks);
        return;
      case "close":
        this.#peer?.close();
        if (!effect.keep) this.#before?.close();
        if (effect.keep) this.#peer = undefined;
        else this.#before = undefined;
        this.#senders.clear();
        this.#idle.forget();
        this.#idleAlarm.set(undefined, 0);
        if (this.#core.state() === "closed") this.#ice.close();
        return;
      case "changed":
        this.#options.changed();
        return;
    }
  }

  #open(attempt: number, keep: boolean): void {
    if (!keep) {
      this.#before?.close();
      this.#peer?.close();
      this.#before = undefined;
    } else if (this.#peer) {
      this.#before?.close();
      this.#before = this.#peer;
    }
    this.#senders.clear();
    this.#names.clear();
    this.#idle.forget();
    this.#ice.look();
    const { timing, sfu } = this.#options;
    this.#peer = new Peer({
      sfu,
      ice: this.#ice,
      events: {
        transport: (state) => {
          if (state === "connected") timing.reach("connected");
          this.handle({ input: "transport", attempt, state });
        },
        broken: () => this.handle({ input: "broken", attempt }),
        reached: (step) => timing.reach(step),
        told: ({ trackName, rids }) => {
          this.#idle.told(trackName, rids, performance.now());
          this.#idled();
        },
      },
    });
  }

  async #push({ attempt, id, kind, name }: Extract<MediaEffect, { effect: "push" }>): Promise<void> {
    const peer = this.#peer;
    if (!peer) return;
    this.#names.set(id, name);
    try {
      const outgoing = () => this.#outgoing.find((candidate) => candidate.id === id);
      const transceiver = await peer.push({
        name,
        kind,
        track: outgoing()?.track ?? null,
        encodings: bounded(outgoing()?.encodings ?? [], this.#bound),
      });
      if (this.#peer !== peer) return;
      // It was taken back meanwhile, or is pushed anew. A release that fails breaks the attempt, which the core hears of.
      if (this.#names.get(id) !== name) return void peer.release(transceiver).catch(() => {});
      const { sender } = transceiver;
      this.#senders.set(id, transceiver);
      this.#idle.sent(
        id,
        name,
        sender.getParameters().encodings.flatMap(({ rid }) => rid ?? []),
      );
      // The device, or what is wanted of it, may have changed while the push was under way.
      const { track = null } = outgoing() ?? {};
      if (sender.track !== track) await sender.replaceTrack(track);
      this.#idled();
      this.handle({ input: "pushed", attempt, id, name, session: await peer.session() });
      const flows = await flowing(peer.connection, sender, {
        muted: () => outgoing()?.muted ?? true,
        givenUp: () => this.#peer !== peer || this.#names.get(id) !== name || this.#core.state() === "closed",
      });
      if (flows) this.handle({ input: "flowing", attempt, id, name });
    } catch {
      // The core decides; what exactly was refused is of no use to it.
      this.handle({ input: "push-failed", attempt, id, name });
    }
  }

  async #pull({ attempt, key, session, name, rid }: Extract<MediaEffect, { effect: "pull" }>): Promise<void> {
    const peer = this.#peer;
    if (!peer) return;
    try {
      const transceiver = await peer.pull({ session, name, rid });
      if (this.#peer !== peer) return;
      this.#receivers.set(key, transceiver);
      const { track } = transceiver.receiver;
      const { timing } = this.#options;
      if (track.kind === "video" && !timing.reached("firstFrame"))
        onFirstFrame(track, () => timing.reach("firstFrame"));
      this.handle({ input: "pulled", attempt, key });
      this.#options.changed();
    } catch {
      this.handle({ input: "pull-failed", attempt, key });
    }
  }

  #idled(): void {
    const now = performance.now();
    this.#idleAlarm.set(this.#idle.nextDeadline(now), now);
    for (const { id, encodings } of this.#outgoing) {
      const sender = this.#senders.get(id)?.sender;
      if (sender) this.#adjust(id, sender, encodings);
    }
  }

  #adjust(id: string, sender: RTCRtpSender, encodings: readonly RTCRtpEncodingParameters[]): void {
    const adjuster = this.#adjusters.get(sender) ?? new Adjuster(sender);
    this.#adjusters.set(sender, adjuster);
    adjuster.want(rested(bounded(encodings, this.#bound), this.#idle.of(id, performance.now())));
  }

  async #inspect(attempt: number): Promise<void> {
    this.handle({ input: "inspected", attempt, alive: await this.#peer?.inspect() });
  }

  /** Gives the m-line of a track that is over back. One that is still being pushed is given back when it is there. */
  #withdraw(id: string): void {
    const transceiver = this.#senders.get(id);
    this.#senders.delete(id);
    this.#names.delete(id);
    // A release that fails breaks the attempt, which the core hears of by itself.
    if (transceiver) this.#peer?.release(transceiver).catch(() => {});
  }

  #prefer(track: RemoteTrack): void {
    const transceiver = this.#receivers.get(trackKey(track));
    // A layer that is refused leaves the one that comes; the next wish is another try.
    if (transceiver) this.#peer?.prefer(transceiver, track).catch(() => {});
  }

  #release(key: string): void {
    const transceiver = this.#receivers.get(key);
    this.#receivers.delete(key);
    // A release that fails breaks the attempt, which the core hears of by itself.
    if (transceiver) this.#peer?.release(transceiver).catch(() => {});
  }
}

function bounded(encodings: readonly RTCRtpEncodingParameters[], bitrate: number | undefined) {
  if (bitrate === undefined) return encodings;
  return encodings.map((encoding) => ({ ...encoding, maxBitrate: Math.min(bitrate, encoding.maxBitrate ?? bitrate) }));
}
