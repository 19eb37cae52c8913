/**
 * Packets in, packets out: which publication a packet belongs to, who gets it, and what RTCP says about it.
 *
 * Knows sessions by id only. Output goes through a callback instead of a list of effects, because the bytes of one
 * packet are patched in place for one subscriber after the other; this is the hottest loop of the server.
 */
import { readRtcp } from "../rtcp/read.ts";
import { compound, receiverEstimate, receiverReport, reporterSsrc } from "../rtcp/write.ts";
import { isRtcp, type RtpHeader, readRtpHeader, textExtension } from "../rtp/header.ts";
import type { Consequences } from "../session/session.ts";
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
  /** SSRCs that one session may be heard on. */
  readonly streamsPerSession: number;
}

/** What one session sends us and what we send it. */
interface Port {
  readonly byMid: Map<string, Publication>;
  readonly bySsrc: Map<number, Publication>;
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
      for (const ssrc of publication.announcedSsrcs) {
        if (port.bySsrc.size < this.#options.streamsPerSession) port.bySsrc.set(ssrc, publication);
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

  packet(session: string, packet: Uint8Array, now: number, emit: Emit): void {
    const port = this.#ports.get(session);
    if (port === undefined) return;
    if (isRtcp(packet)) {
      this.#control(port, packet, now, emit);
      return;
    }
    const header = readRtpHeader(packet);
    if (header === undefined) return;
    const publication = port.bySsrc.get(header.ssrc) ?? this.#identify(port, packet, header);
    // Retransmissions come under their own payload type; there are none before we ask for them.
    if (publication === undefined || header.payloadType !== publication.codec.payloadType) return;
    const ssrc = publication.ssrc;
    publication.received(packet, header, now, this.#outgoing, emit);
    // With a new stream everybody may wait for a keyframe, and only now is there somebody to ask for it.
    if (publication.ssrc !== ssrc || this.#restless.has(publication)) this.#watch(publication);
  }

  wake(now: number, emit: Emit): void {
    for (const publication of this.#restless) {
      publication.wake(now, emit);
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

  nextDeadline(): number | undefined {
    let next = this.#reportAt;
    for (const publication of this.#restless) {
      const deadline = publication.nextDeadline();
      if (deadline !== undefined && (next === undefined || deadline < next)) next = deadline;
    }
    return next;
  }

  #control(port: Port, packet: Uint8Array, now: number, emit: Emit): void {
    for (const report of readRtcp(packet)) {
      switch (report.report) {
        case "sender":
          port.bySsrc.get(report.ssrc)?.senderReported(report, now, emit);
          break;
        case "keyframe-request": {
          const pull = port.pulls.get(report.mediaSsrc);
          if (pull !== undefined) this.#keyframe(pull.source, now, emit);
          break;
        }
      }
    }
  }

  /** Finds the m-line of an SSRC that no SDP named, and remembers it. */
  #identify(port: Port, packet: Uint8Array, header: RtpHeader): Publication | undefined {
    if (port.bySsrc.size >= this.#options.streamsPerSession) return undefined;
    for (const id of port.midIds) {
      const mid = textExtension(packet, header, id);
      const publication = mid === undefined ? undefined : port.byMid.get(mid);
      if (publication === undefined) continue;
      port.bySsrc.set(header.ssrc, publication);
      return publication;
    }
    return undefined;
  }

  #report(session: string, port: Port, now: number, emit: Emit): void {
    const blocks = [];
    const videoSsrcs: number[] = [];
    let bitrate = 0;
    for (const publication of port.byMid.values()) {
      const block = publication.report(now);
      if (block === undefined) continue;
      if (blocks.length < blocksPerReport) blocks.push(block);
      if (publication.kind === "video") videoSsrcs.push(block.ssrc);
      bitrate += publication.kind === "video" ? this.#options.videoBitrate : audioBitrate;
    }
    if (blocks.length === 0) return;
    const report = receiverReport(reporterSsrc, blocks);
    const estimate = receiverEstimate(reporterSsrc, bitrate, videoSsrcs.slice(0, 255));
    emit(session, videoSsrcs.length > 0 ? compound([report, estimate]) : report);
  }

  #start(subscription: Subscription, source: Publication, now: number, emit: Emit): void {
    source.subscriptions.add(subscription);
    this.#keyframe(source, now, emit);
  }

  #keyframe(publication: Publication, now: number, emit: Emit): void {
    publication.requestKeyframe(now, emit);
    this.#watch(publication);
  }

  #watch(publication: Publication): void {
    if (publication.nextDeadline() === undefined) this.#restless.delete(publication);
    else this.#restless.add(publication);
  }

  #unpublish(port: Port, publication: Publication): void {
    port.byMid.delete(publication.mid);
    for (const [ssrc, other] of port.bySsrc) if (other === publication) port.bySsrc.delete(ssrc);
    for (const other of this.#ports.values()) {
      for (const [ssrc, pull] of other.pulls) if (pull.source === publication) other.pulls.delete(ssrc);
    }
    publication.subscriptions.clear();
    this.#restless.delete(publication);
  }

  #unsubscribe(port: Port, subscription: Subscription): void {
    port.pulls.get(subscription.ssrc)?.source.subscriptions.delete(subscription);
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
