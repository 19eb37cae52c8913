/**
 * Packets in, packets out: which publication a packet belongs to, who gets it, and what RTCP says about it.
 *
 * Knows sessions by id only. Output goes through a callback instead of a list of effects, because the bytes of one
 * packet are patched in place for one subscriber after the other; this is the hottest loop of the server.
 */
import { readRtcp } from "../rtcp/read.ts";
import { compound, receiverEstimate, receiverReport, reporterSsrc } from "../rtcp/write.ts";
import { isRtcp, type RtpHeader, readRtpHeader, textExtension } from "../rtp/header.ts";
import type { Consequences } from "../session/consequences.ts";
import type { Layer } from "./layer.ts";
import { OutgoingPacket } from "./outgoing.ts";
import type { Emit, Publication } from "./publication.ts";
import type { Subscription } from "./subscription.ts";

/** Room for audio in the bandwidth that a publisher is told, in bits/s per track. */
const audioBitrate = 64_000;
/** A receiver report holds 31 blocks at the most (RFC 3550 §6.4.1). */
const blocksPerReport = 31;

export interface RouterOptions {
  /** ms between receiver reports. */
  readonly reportInterval: number;
  /** bits/s per video track. */
  readonly videoBitrate: number;
  /** ms without a packet after which a publication counts as silent; undefined: none does. */
  readonly silentTrack: number | undefined;
  /** SSRCs that one session may be heard on. */
  readonly streamsPerSession: number;
}

/** What one session sends us and what we send it. */
interface Port {
  readonly byMid: Map<string, Publication>;
  readonly bySsrc: Map<number, { readonly publication: Publication; readonly layer: Layer }>;
  /** What this session receives, by our SSRC. */
  readonly pulls: Map<number, { readonly subscription: Subscription; readonly source: Publication }>;
  readonly midIds: Set<number>;
  /** Whether its transport can send. Until then its subscriptions wait, or they would miss their keyframe. */
  connected: boolean;
}

export class Router {
  readonly #options: RouterOptions;
  readonly #ports = new Map<string, Port>();
  readonly #outgoing = new OutgoingPacket();
  /** Publications that want to be woken. */
  readonly #restless = new Set<Publication>();
  #reportAt: number | undefined;
  /** Not later than the first publication falls silent. Packets come more often than anybody looks. */
  #silenceAt: number | undefined;

  constructor(options: RouterOptions) {
    this.#options = options;
  }

  /** Sessions that it keeps anything for. */
  get size(): number {
    return this.#ports.size;
  }

  /** Follows a negotiation of `session`. */
  follow(session: string, consequences: Consequences, now: number, emit: Emit): void {
    const port = this.#port(session);
    for (const publication of consequences.unpublished) this.#unpublish(port, publication);
    for (const publication of consequences.published) {
      port.byMid.set(publication.mid, publication);
      publication.beganAt = now;
      const { silentTrack } = this.#options;
      if (silentTrack !== undefined) this.#silenceAt ??= now + silentTrack;
      // Layers are told apart by rid alone; SSRC lines of simulcast are not read.
      const whole = publication.layers.get("");
      for (const ssrc of publication.announcedSsrcs) {
        if (whole === undefined || port.bySsrc.size >= this.#options.streamsPerSession) break;
        port.bySsrc.set(ssrc, { publication, layer: whole });
      }
      if (publication.midId !== undefined) port.midIds.add(publication.midId);
      this.#reportAt ??= now + this.#options.reportInterval;
    }
    for (const { subscription, source } of consequences.subscribed) {
      if (source === undefined) continue;
      port.pulls.set(subscription.ssrc, { subscription, source });
      if (port.connected) this.#start(subscription, source, now, emit);
    }
    for (const subscription of consequences.unsubscribed) this.#unsubscribe(port, subscription);
    for (const { subscription, source } of consequences.redirected) {
      if (source !== undefined) this.#redirect(port, subscription, source, now, emit);
    }
  }

  /** Forgets a session after `follow` ended all it had. */
  remove(session: string): void {
    this.#ports.delete(session);
  }

  /** The session's transport can send now: what it waits for may begin. */
  connected(session: string, now: number, emit: Emit): void {
    const port = this.#port(session);
    if (port.connected) return;
    port.connected = true;
    for (const { subscription, source } of port.pulls.values()) this.#start(subscription, source, now, emit);
  }

  /** The session's transport is gone, and another will come: what it receives begins anew then. */
  disconnected(session: string): void {
    const port = this.#port(session);
    port.connected = false;
    for (const { subscription, source } of port.pulls.values()) source.detach(subscription);
  }

  packet(session: string, packet: Uint8Array, now: number, emit: Emit): void {
    const port = this.#ports.get(session);
    if (port === undefined) return;
    if (isRtcp(packet)) {
      this.#control(port, packet, now, emit);
      return;
    }
    const header = readRtpHeader(packet);
    if (header === undefined) return;
    const source = port.bySsrc.get(header.ssrc) ?? this.#identify(port, packet, header);
    // Retransmissions come under their own payload type; there are none before we ask for them.
    if (source === undefined || header.payloadType !== source.publication.codec.payloadType) return;
    source.publication.received(source.layer, packet, header, now, this.#outgoing, emit);
    if (source.publication.kind === "video") this.#watch(source.publication);
  }

  wake(now: number, emit: Emit): void {
    for (const publication of this.#restless) {
      publication.ask(now, emit);
      this.#watch(publication);
    }
    if (this.#reportAt === undefined || now < this.#reportAt) return;
    let any = false;
    for (const [session, port] of this.#ports) {
      if (port.byMid.size === 0) continue;
      any = true;
      this.#report(session, port, now, emit);
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
      for (const publication of port.byMid.values()) {
        const deadline = publication.heardAt + silentTrack;
        if (deadline <= now) silent.push(publication);
        else this.#silenceAt = Math.min(this.#silenceAt ?? deadline, deadline);
      }
    }
    return silent;
  }

  nextDeadline(): number | undefined {
    let next = this.#reportAt;
    if (this.#silenceAt !== undefined && (next === undefined || this.#silenceAt < next)) next = this.#silenceAt;
    for (const publication of this.#restless) {
      const deadline = publication.nextDeadline();
      if (deadline !== undefined && (next === undefined || deadline < next)) next = deadline;
    }
    return next;
  }

  #control(port: Port, packet: Uint8Array, now: number, emit: Emit): void {
    for (const report of readRtcp(packet)) {
      switch (report.report) {
        case "sender": {
          const source = port.bySsrc.get(report.ssrc);
          source?.publication.senderReported(source.layer, report, now, emit);
          break;
        }
        case "keyframe-request": {
          const pull = port.pulls.get(report.mediaSsrc);
          pull?.source.keyframeFor(pull.subscription, now);
          if (pull !== undefined) this.#ask(pull.source, now, emit);
          break;
        }
      }
    }
  }

  /** Finds the m-line of an SSRC that no SDP named, and remembers it. */
  #identify(port: Port, packet: Uint8Array, header: RtpHeader): { publication: Publication; layer: Layer } | undefined {
    if (port.bySsrc.size >= this.#options.streamsPerSession) return undefined;
    for (const id of port.midIds) {
      const mid = textExtension(packet, header, id);
      const publication = mid === undefined ? undefined : port.byMid.get(mid);
      if (publication === undefined || header.payloadType !== publication.codec.payloadType) continue;
      const rid = publication.ridId === undefined ? undefined : textExtension(packet, header, publication.ridId);
      const layer = publication.layers.get(publication.simulcast ? (rid ?? "") : "");
      if (layer === undefined) return undefined;
      const source = { publication, layer };
      port.bySsrc.set(header.ssrc, source);
      return source;
    }
    return undefined;
  }

  #report(session: string, port: Port, now: number, emit: Emit): void {
    const blocks = [];
    const videoSsrcs: number[] = [];
    let bitrate = 0;
    for (const publication of port.byMid.values()) {
      // A layer may have stopped without a word, and its subscribers then want another.
      if (publication.simulcast) {
        publication.chase(now);
        this.#ask(publication, now, emit);
      }
      const received = publication.reports(now);
      if (received.length === 0) continue;
      blocks.push(...received);
      if (publication.kind === "video") videoSsrcs.push(...received.map((block) => block.ssrc));
      bitrate += publication.kind === "video" ? this.#options.videoBitrate : audioBitrate;
    }
    if (blocks.length === 0) return;
    const report = receiverReport(reporterSsrc, blocks.slice(0, blocksPerReport));
    const estimate = receiverEstimate(reporterSsrc, bitrate, videoSsrcs.slice(0, 255));
    emit(session, videoSsrcs.length > 0 ? compound([report, estimate]) : report);
  }

  /** A subscriber has other wishes, or its subscription has another source from now on. */
  #redirect(port: Port, subscription: Subscription, source: Publication, now: number, emit: Emit): void {
    const before = port.pulls.get(subscription.ssrc)?.source;
    port.pulls.set(subscription.ssrc, { subscription, source });
    if (!port.connected) return;
    if (before === source) {
      source.chase(now);
      this.#ask(source, now, emit);
      return;
    }
    before?.detach(subscription);
    this.#start(subscription, source, now, emit);
  }

  #start(subscription: Subscription, source: Publication, now: number, emit: Emit): void {
    source.attach(subscription);
    source.chase(now);
    this.#ask(source, now, emit);
  }

  #ask(publication: Publication, now: number, emit: Emit): void {
    publication.ask(now, emit);
    this.#watch(publication);
  }

  #watch(publication: Publication): void {
    if (publication.nextDeadline() === undefined) this.#restless.delete(publication);
    else this.#restless.add(publication);
  }

  #unpublish(port: Port, publication: Publication): void {
    port.byMid.delete(publication.mid);
    for (const [ssrc, source] of port.bySsrc) if (source.publication === publication) port.bySsrc.delete(ssrc);
    for (const other of this.#ports.values()) {
      for (const [ssrc, pull] of other.pulls) if (pull.source === publication) other.pulls.delete(ssrc);
    }
    publication.subscriptions.clear();
    this.#restless.delete(publication);
  }

  #unsubscribe(port: Port, subscription: Subscription): void {
    port.pulls.get(subscription.ssrc)?.source.detach(subscription);
    port.pulls.delete(subscription.ssrc);
  }

  #port(session: string): Port {
    let port = this.#ports.get(session);
    if (port === undefined) {
      port = { byMid: new Map(), bySsrc: new Map(), pulls: new Map(), midIds: new Set(), connected: false };
      this.#ports.set(session, port);
    }
    return port;
  }
}
