/** A router with tracks and subscribers put on it by hand, a clock turned by hand, and a record of what it sent. */
import type { Simulcast } from "@satsuma/protocol";
import { Publication } from "../src/forward/publication.ts";
import type { RepairStream } from "../src/forward/repair.ts";
import { Router, type RouterOptions } from "../src/forward/router.ts";
import { Subscription } from "../src/forward/subscription.ts";
import type { Codec } from "../src/sdp/description.ts";
import { extensionUris } from "../src/sdp/extensions.ts";
import type { Consequences } from "../src/session/consequences.ts";

const codecs: Readonly<Record<"audio" | "video", Codec>> = {
  audio: { payloadType: 111, name: "opus", clockRate: 48_000, channels: 2, parameters: "", feedback: [] },
  video: { payloadType: 96, name: "VP8", clockRate: 90_000, channels: 1, parameters: "", feedback: [] },
};

const nothing: Consequences = { published: [], unpublished: [], subscribed: [], unsubscribed: [], redirected: [] };

export interface Published {
  readonly kind?: "audio" | "video";
  readonly mid?: string;
  readonly midId?: number;
  readonly ssrcs?: readonly number[];
  /** Simulcast layers; their rids come under extension id 10. */
  readonly rids?: readonly string[];
  /** Its name; VP8 or Opus without one. */
  readonly codec?: string;
  /** What the publisher understands: `nack`, `nack pli`. */
  readonly feedback?: readonly string[];
}

export class Stage {
  now = 0;
  readonly router: Router;
  /** Everything sent since it was last taken. */
  #sent: { session: string; bytes: Uint8Array }[] = [];
  #ssrc = 1_000;
  /** What was told of who speaks. */
  readonly speaking: string[] = [];
  /** What was told of watched layers. */
  readonly watched: string[][] = [];

  constructor(options: Partial<RouterOptions> = {}) {
    this.router = new Router(
      {
        reportInterval: 1_000,
        videoBitrate: 2_000_000,
        silentTrack: undefined,
        streamsPerSession: 16,
        initialDownlink: 1_000_000,
        leastDownlink: 30_000,
        mostDownlink: 100_000_000,
        ...options,
      },
      (session) => (packet) => this.#sent.push({ session, bytes: packet.slice() }),
      {
        watched: (_, rids) => this.watched.push([...rids]),
        speaking: ({ session }, speaking) => this.speaking.push(`${session} ${speaking ? "speaks" : "stops"}`),
      },
    );
  }

  publish(session: string, published: Published = {}): Publication {
    const { kind = "video", mid = "0", midId = 4, ssrcs = [], rids = [], feedback = [], codec } = published;
    const publication = new Publication({
      session,
      trackName: `${kind}-${mid}`,
      kind,
      mid,
      codec: { ...codecs[kind], ...(codec !== undefined && { name: codec }), feedback },
      repairPayloadType: kind === "video" ? 97 : undefined,
      redundantPayloadType: kind === "audio" ? 63 : undefined,
      extensions: [
        { id: midId, uri: extensionUris.mid },
        { id: 10, uri: extensionUris.rid },
        { id: 11, uri: extensionUris.repairedRid },
        { id: 1, uri: extensionUris.audioLevel },
        { id: 12, uri: extensionUris.dependencyDescriptor },
      ],
      announcedSsrcs: ssrcs,
      rids,
      limits: { keyframeInterval: 300, repairWindow: 1_000, repairBytes: 2 ** 20, mostBehind: 500 },
    });
    this.router.follow(session, { ...nothing, published: [publication] }, this.now);
    return publication;
  }

  unpublish(publication: Publication): void {
    const consequences = { ...nothing, unpublished: [publication] };
    this.router.follow(publication.session, consequences, this.now);
  }

  subscribe(session: string, source: Publication, preference?: Simulcast, repair?: RepairStream): Subscription {
    this.#ssrc += 1;
    const subscription = new Subscription({
      session,
      ssrc: this.#ssrc,
      codec: { ...source.codec, payloadType: 100 },
      extensions: [{ id: 12, uri: extensionUris.dependencyDescriptor }],
      firstSequence: 0,
      repair,
    });
    subscription.preference = preference;
    this.router.follow(session, { ...nothing, subscribed: [{ subscription, source }] }, this.now);
    return subscription;
  }

  unsubscribe(subscription: Subscription): void {
    const consequences = { ...nothing, unsubscribed: [subscription] };
    this.router.follow(subscription.session, consequences, this.now);
  }

  /** What tracks/update leads to: other wishes, or another source. */
  redirect(subscription: Subscription, source: Publication, preference = subscription.preference): void {
    subscription.preference = preference;
    const consequences = { ...nothing, redirected: [{ subscription, source }] };
    this.router.follow(subscription.session, consequences, this.now);
  }

  connect(session: string): void {
    this.router.connected(session, this.now);
  }

  receive(session: string, packet: Uint8Array): void {
    this.router.packet(session, packet, this.now);
  }

  /** Lets time pass, waking the router whenever it asked to be. */
  advance(milliseconds: number): void {
    const end = this.now + milliseconds;
    for (let rounds = 0; rounds < 10_000; rounds += 1) {
      const next = this.router.nextDeadline();
      if (next === undefined || next > end) {
        this.now = end;
        return;
      }
      this.now = Math.max(this.now, next);
      this.router.wake(this.now);
    }
    throw new Error("The router wants to be woken for ever.");
  }

  /** What was sent to a session since the last call. */
  sentTo(session: string): Uint8Array[] {
    const taken = this.#sent.filter((entry) => entry.session === session).map((entry) => entry.bytes);
    this.#sent = this.#sent.filter((entry) => entry.session !== session);
    return taken;
  }
}
