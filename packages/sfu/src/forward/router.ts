/**
 * Packets in, packets out: which publication a packet belongs to, who gets it, and what RTCP says about it.
 *
 * Knows sessions by id only. Output goes through a callback instead of a list of effects, because the bytes of one
 * packet are patched in place for one subscriber after the other; this is the hottest loop of the server.
 */
import type { SessionStats } from "@satsuma/protocol";
import { type RtcpReport, readRtcp } from "../rtcp/read.ts";
import { compound, receiverEstimate, receiverReport, reporterSsrc } from "../rtcp/write.ts";
import { isRtcp, readRtpHeader } from "../rtp/header.ts";
import type { Consequences } from "../session/consequences.ts";
import { Downlink, type Send } from "./downlink.ts";
import { Port } from "./port.ts";
import type { Publication } from "./publication.ts";
import { Restless } from "./restless.ts";
import { Sound } from "./sound.ts";
import type { Subscription } from "./subscription.ts";

/** Room for audio in the bandwidth that a publisher is told, in bits/s per track. */
const audioBitrate = 64_000;
/** A receiver report holds 31 blocks at the most (RFC 3550 §6.4.1). */
const blocksPerReport = 31;
/** ms between two looks at what every session can receive. One for all, so that the alarm does not ring for each. */
const lookInterval = 200;
/** ms before which a packet is not sent again, until the round trip to its subscriber was measured. */
const assumedRoundTrip = 50;

export interface RouterOptions {
  /** ms between receiver reports. */
  readonly reportInterval: number;
  /** bits/s per video track. */
  readonly videoBitrate: number;
  /** ms without a packet after which a publication counts as silent; undefined: none does. */
  readonly silentTrack: number | undefined;
  /** SSRCs that one session may be heard on. */
  readonly streamsPerSession: number;
  /** bits/s that a session is thought to be able to receive at first, at the least, and at the most. */
  readonly initialDownlink: number;
  readonly leastDownlink: number;
  readonly mostDownlink: number;
}

/** What is told of tracks. */
export interface TrackListener {
  /** Other layers of a track with simulcast are watched than before. */
  watched(publication: Publication, rids: readonly string[]): void;
  /** Somebody begins to speak into a track, or stops. */
  speaking(publication: Publication, speaking: boolean): void;
}

const nobody: TrackListener = { watched: () => {}, speaking: () => {} };

export class Router {
  readonly #options: RouterOptions;
  readonly #open: (session: string) => Send;
  readonly #listener: TrackListener;
  readonly #sound: Sound;
  /** What was told last of each track with simulcast. */
  readonly #told = new Map<Publication, readonly string[]>();
  readonly #ports = new Map<string, Port>();
  /** Publications that want to be woken. */
  readonly #restless = new Restless();
  readonly #due: Set<Publication> | undefined;
  #reportAt: number | undefined;
  /** Downlinks that want to be woken: something waits in them, or they probe. */
  readonly #stirred = new Set<Downlink>();
  /** When the first publisher is to be told what came of it, and when all downlinks are looked at. */
  #feedbackAt: number | undefined;
  #lookAt: number | undefined;
  /** Not later than the first publication falls silent. Packets come more often than anybody looks. */
  #silenceAt: number | undefined;

  /**
   * `open` gives what hands a session's packets to its transport. Publications that have packets to pass on are added to `due`;
   * without it they do as packets come.
   */
  constructor(options: RouterOptions, open: (session: string) => Send, listener = nobody, due?: Set<Publication>) {
    this.#due = due;
    this.#options = options;
    this.#open = open;
    this.#listener = listener;
    this.#sound = new Sound((publication, speaking) => listener.speaking(publication, speaking));
  }

  /** Sessions that it keeps anything for. */
  get size(): number {
    return this.#ports.size;
  }

  /** Follows a negotiation of `session`. */
  follow(session: string, consequences: Consequences, now: number): void {
    const port = this.#port(session);
    for (const publication of consequences.unpublished) this.#unpublish(port, publication);
    for (const publication of consequences.published) this.#publish(port, publication, now);
    for (const { subscription, source } of consequences.subscribed) {
      if (source === undefined) continue;
      this.#pull(port, subscription, source);
      if (port.connected) this.#start(port, subscription, source, now);
    }
    for (const subscription of consequences.unsubscribed) this.#unsubscribe(port, subscription);
    for (const { subscription, source } of consequences.redirected) {
      if (source !== undefined) this.#redirect(port, subscription, source, now);
    }
  }

  /** Forgets a session after `follow` ended all it had. */
  remove(session: string): void {
    const port = this.#ports.get(session);
    if (port !== undefined) {
      this.#stirred.delete(port.downlink);
      this.#sound.limit(port.downlink.subscriptions, undefined);
    }
    this.#ports.delete(session);
  }

  /** Of all sound that a session receives, only the `most` loudest go out. */
  limitSound(session: string, most: number): void {
    this.#sound.limit(this.#port(session).downlink.subscriptions, most);
  }

  /** The session's transport can send now: what it waits for may begin. */
  connected(session: string, now: number): void {
    const port = this.#port(session);
    if (port.connected) return;
    port.connected = true;
    for (const { subscription, source } of port.pulls.values()) this.#start(port, subscription, source, now);
  }

  /** The session's transport is gone, and another will come: what it receives begins anew then. */
  disconnected(session: string): void {
    const port = this.#port(session);
    port.connected = false;
    port.downlink.restart();
    for (const { subscription, source } of port.pulls.values()) {
      source.detach(subscription);
      port.downlink.subscriptions.delete(subscription);
    }
  }

  /** One packet of a session's peer; `behind` is for how many ms this server has had no rest. */
  packet(session: string, packet: Uint8Array, now: number, behind = 0): void {
    const port = this.#ports.get(session);
    if (port === undefined) return;
    if (isRtcp(packet)) {
      port.downlink.hears(packet, now);
      for (const report of readRtcp(packet)) this.#control(port, report, now);
      return;
    }
    const header = readRtpHeader(packet);
    if (header === undefined) return;
    const due = port.arrived(packet, header, now);
    if (due !== undefined && (this.#feedbackAt === undefined || due < this.#feedbackAt)) this.#feedbackAt = due;
    const stream = port.streamOf(packet, header);
    stream?.publication.received(stream.layer, packet, header, now, behind);
  }

  /** `clock` is asked again for each session that something is sent to: sending takes its time. */
  wake(now: number, clock = () => now): void {
    for (const publication of this.#restless.due(now)) publication.elapse(now);
    for (const downlink of this.#stirred) {
      downlink.release(clock());
      if (downlink.nextDeadline() === undefined) this.#stirred.delete(downlink);
    }
    if (this.#feedbackAt !== undefined && now >= this.#feedbackAt) this.#feedBack(now);
    if (this.#lookAt !== undefined && now >= this.#lookAt) this.#look(now);
    this.#sound.elapse(now);
    if (this.#reportAt === undefined || now < this.#reportAt) return;
    let any = false;
    for (const port of this.#ports.values()) {
      if (port.publications.size === 0) continue;
      any = true;
      this.#report(port, now);
    }
    this.#reportAt = any ? now + this.#options.reportInterval : undefined;
  }

  /** Publications that nothing has come on for too long. */
  silent(now: number): Publication[] {
    const { silentTrack } = this.#options;
    if (silentTrack === undefined || this.#silenceAt === undefined || now < this.#silenceAt) return [];
    this.#silenceAt = undefined;
    const silent: Publication[] = [];
    for (const port of this.#ports.values()) {
      for (const publication of port.publications.values()) {
        const deadline = publication.heardAt + silentTrack;
        if (deadline <= now) silent.push(publication);
        else this.#silenceAt = Math.min(this.#silenceAt ?? deadline, deadline);
      }
    }
    return silent;
  }

  nextDeadline(): number | undefined {
    let next = this.#reportAt;
    if (this.#feedbackAt !== undefined && (next === undefined || this.#feedbackAt < next)) next = this.#feedbackAt;
    if (this.#lookAt !== undefined && (next === undefined || this.#lookAt < next)) next = this.#lookAt;
    for (const downlink of this.#stirred) {
      const deadline = downlink.nextDeadline();
      if (deadline !== undefined && (next === undefined || deadline < next)) next = deadline;
    }
    const sound = this.#sound.nextDeadline();
    if (sound !== undefined && (next === undefined || sound < next)) next = sound;
    if (this.#silenceAt !== undefined && (next === undefined || this.#silenceAt < next)) next = this.#silenceAt;
    const restless = this.#restless.nextDeadline();
    return restless !== undefined && (next === undefined || restless < next) ? restless : next;
  }

  /** What is counted of a session; undefined for one that nothing is kept for. */
  stats(session: string, now: number): SessionStats | undefined {
    const port = this.#ports.get(session);
    if (port === undefined) return undefined;
    const { bitrate = Number.POSITIVE_INFINITY } = port.downlink.estimate ?? {};
    return {
      roundTrip: port.downlink.roundTrip.measured,
      ...(bitrate !== Number.POSITIVE_INFINITY && { estimate: Math.round(bitrate) }),
      published: [...port.publications.values()].map((publication) => publication.stats(now)),
      received: [...port.pulls.values()].map(({ subscription, source }) => subscription.stats(source)),
    };
  }

  #control(port: Port, report: RtcpReport, now: number): void {
    switch (report.report) {
      case "sender": {
        const stream = port.stream(report.ssrc);
        stream?.publication.senderReported(stream.layer, report, now);
        break;
      }
      case "keyframe-request": {
        const pull = port.pulls.get(report.mediaSsrc);
        pull?.source.keyframeFor(pull.subscription, now);
        break;
      }
      case "lost": {
        const pause = port.downlink.roundTrip.or(assumedRoundTrip);
        port.pulls.get(report.mediaSsrc)?.subscription.repeat(report.sequences, pause, now);
        break;
      }
      case "reception": {
        const took = port.pulls.get(report.ssrc)?.subscription.reportReceived(report, now);
        if (took !== undefined) port.downlink.roundTrip.sample(took);
        break;
      }
    }
  }

  #feedBack(now: number): void {
    let next = Number.POSITIVE_INFINITY;
    for (const port of this.#ports.values()) next = Math.min(next, port.feedBack(now) ?? next);
    this.#feedbackAt = next === Number.POSITIVE_INFINITY ? undefined : next;
  }

  #look(now: number): void {
    let any = false;
    for (const { downlink } of this.#ports.values()) {
      any ||= downlink.subscriptions.size > 0;
      downlink.elapse(now);
    }
    this.#lookAt = any ? now + lookInterval : undefined;
  }

  #report(port: Port, now: number): void {
    const blocks = [];
    const videoSsrcs: number[] = [];
    let bitrate = 0;
    for (const publication of port.publications.values()) {
      // A layer may have stopped without a word, and its subscribers then want another.
      publication.elapse(now);
      publication.sample(now);
      this.#tell(publication, true);
      const received = publication.reports(now);
      if (received.length === 0) continue;
      blocks.push(...received);
      // Who hears when its packets came, estimates by itself.
      if (publication.transportId > 0) continue;
      if (publication.kind === "video") videoSsrcs.push(...received.map((block) => block.ssrc));
      bitrate += publication.kind === "video" ? this.#options.videoBitrate : audioBitrate;
    }
    if (blocks.length === 0) return;
    for (let first = 0; first < blocks.length; first += blocksPerReport) {
      const report = receiverReport(reporterSsrc, blocks.slice(first, first + blocksPerReport));
      const estimate = receiverEstimate(reporterSsrc, bitrate, videoSsrcs.slice(0, 255));
      port.downlink.control(videoSsrcs.length > 0 && first === 0 ? compound([report, estimate]) : report);
    }
  }

  /** A subscriber has other wishes, or its subscription has another source from now on. */
  #redirect(port: Port, subscription: Subscription, source: Publication, now: number): void {
    const before = port.pulls.get(subscription.ssrc)?.source;
    before?.pulls.delete(subscription);
    this.#pull(port, subscription, source);
    if (!port.connected) return;
    if (before === source) {
      port.downlink.reconsider(subscription, now);
      source.elapse(now);
      this.#tell(source, false);
      return;
    }
    before?.detach(subscription);
    this.#start(port, subscription, source, now);
  }

  #start(port: Port, subscription: Subscription, source: Publication, now: number): void {
    subscription.outlet = port.downlink;
    port.downlink.subscriptions.add(subscription);
    this.#lookAt ??= now + lookInterval;
    source.attach(subscription, now);
    this.#tell(source, false);
  }

  /** That a layer is wanted is told at once; that it is not any more, only after a while, since wishes change to and fro. */
  #tell(publication: Publication, fewer: boolean): void {
    if (!publication.simulcast) return;
    const all = [...publication.layers.keys()];
    const before = this.#told.get(publication) ?? all;
    const now = publication.watchedRids;
    const told = fewer ? now : all.filter((rid) => now.includes(rid) || before.includes(rid));
    if (told.length === before.length && told.every((rid) => before.includes(rid))) return;
    this.#told.set(publication, told);
    this.#listener.watched(publication, told);
  }

  #publish(port: Port, publication: Publication, now: number): void {
    port.publish(publication);
    this.#sound.published(publication, now);
    publication.begin(
      {
        uplink: port.downlink,
        restless: this.#restless,
        due: this.#due,
        reconsider: (subscription, at) => this.#ports.get(subscription.session)?.downlink.reconsider(subscription, at),
      },
      now,
    );
    const { silentTrack } = this.#options;
    if (silentTrack !== undefined) this.#silenceAt ??= now + silentTrack;
    this.#reportAt ??= now + this.#options.reportInterval;
  }

  #unpublish(port: Port, publication: Publication): void {
    port.unpublish(publication);
    this.#told.delete(publication);
    this.#sound.unpublished(publication);
    publication.end();
    for (const subscription of publication.pulls) {
      const other = this.#ports.get(subscription.session);
      if (other?.pulls.get(subscription.ssrc)?.source !== publication) continue;
      other.pulls.delete(subscription.ssrc);
      other.downlink.subscriptions.delete(subscription);
    }
    publication.pulls.clear();
  }

  #pull(port: Port, subscription: Subscription, source: Publication): void {
    port.pulls.set(subscription.ssrc, { subscription, source });
    source.pulls.add(subscription);
  }

  #unsubscribe(port: Port, subscription: Subscription): void {
    const source = port.pulls.get(subscription.ssrc)?.source;
    source?.pulls.delete(subscription);
    source?.detach(subscription);
    port.pulls.delete(subscription.ssrc);
    port.downlink.end(subscription);
  }

  #port(session: string): Port {
    let port = this.#ports.get(session);
    if (port === undefined) {
      const {
        streamsPerSession,
        initialDownlink: initial,
        leastDownlink: floor,
        mostDownlink: ceiling,
      } = this.#options;
      const stirred = (downlink: Downlink) => this.#stirred.add(downlink);
      const downlink = new Downlink(this.#open(session), { initial, floor, ceiling }, stirred);
      port = new Port(downlink, streamsPerSession);
      this.#ports.set(session, port);
    }
    return port;
  }
}
