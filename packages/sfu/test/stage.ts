/** A router with tracks and subscribers put on it by hand, a clock turned by hand, and a record of what it sent. */
import { Publication } from "../src/forward/publication.ts";
import { Router, type RouterOptions } from "../src/forward/router.ts";
import { Subscription } from "../src/forward/subscription.ts";
import type { Codec } from "../src/sdp/description.ts";
import type { Consequences } from "../src/session/session.ts";

const codecs: Readonly<Record<"audio" | "video", Codec>> = {
  audio: { payloadType: 111, name: "opus", clockRate: 48_000, channels: 2, parameters: "", feedback: [] },
  video: { payloadType: 96, name: "VP8", clockRate: 90_000, channels: 1, parameters: "", feedback: [] },
};

const nothing: Consequences = { published: [], unpublished: [], subscribed: [], unsubscribed: [] };

export interface Published {
  readonly kind?: "audio" | "video";
  readonly mid?: string;
  readonly midId?: number;
  readonly ssrcs?: readonly number[];
}

export class Stage {
  now = 0;
  readonly router: Router;
  /** Everything sent since it was last taken. */
  #sent: { session: string; bytes: Uint8Array }[] = [];
  #ssrc = 1_000;

  constructor(options: Partial<RouterOptions> = {}) {
    this.router = new Router({ reportInterval: 1_000, videoBitrate: 2_000_000, streamsPerSession: 16, ...options });
  }

  readonly emit = (session: string, packet: Uint8Array): void => {
    this.#sent.push({ session, bytes: packet.slice() });
  };

  publish(session: string, published: Published = {}): Publication {
    const { kind = "video", mid = "0", midId = 4, ssrcs = [] } = published;
    const publication = new Publication({
      session,
      trackName: `${kind}-${mid}`,
      kind,
      mid,
      codec: codecs[kind],
      midId,
      announcedSsrcs: ssrcs,
      keyframeInterval: 300,
      audioLevelId: undefined,
      videoOrientationId: undefined,
    });
    this.router.follow(session, { ...nothing, published: [publication] }, this.now, this.emit);
    return publication;
  }

  unpublish(publication: Publication): void {
    const consequences = { ...nothing, unpublished: [publication] };
    this.router.follow(publication.session, consequences, this.now, this.emit);
  }

  subscribe(session: string, source: Publication): Subscription {
    this.#ssrc += 1;
    const subscription = new Subscription({
      session,
      ssrc: this.#ssrc,
      payloadType: 100,
      firstSequence: 0,
      audioLevelId: undefined,
      videoOrientationId: undefined,
    });
    this.router.follow(session, { ...nothing, subscribed: [{ subscription, source }] }, this.now, this.emit);
    return subscription;
  }

  unsubscribe(subscription: Subscription): void {
    const consequences = { ...nothing, unsubscribed: [subscription] };
    this.router.follow(subscription.session, consequences, this.now, this.emit);
  }

  connect(session: string): void {
    this.router.connected(session, this.now, this.emit);
  }

  receive(session: string, packet: Uint8Array): void {
    this.router.packet(session, packet, this.now, this.emit);
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
      this.router.wake(this.now, this.emit);
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
