/**
 * A track of this server as another one receives it: a subscriber like any other, but with a subscription for each
 * simulcast layer that is wanted there, and never short of bandwidth.
 *
 * When the line is full nothing goes out until it is empty again; then each stream begins anew, a picture at a keyframe.
 */
import type { Send } from "../forward/downlink.ts";
import type { Publication } from "../forward/publication.ts";
import type { Router } from "../forward/router.ts";
import { Subscription } from "../forward/subscription.ts";
import { isRtcp, uint32 } from "../rtp/header.ts";
import { describeTrack, type TrackDescription } from "./description.ts";
import { kinds } from "./frame.ts";
import { type Line, mostWaiting } from "./line.ts";

export interface ExportContext {
  readonly router: Router;
  readonly now: () => number;
  readonly random32: () => number;
}

export class Export {
  /** Under which the router knows it, beside sessions. */
  readonly id: string;
  readonly publication: Publication;
  readonly description: TrackDescription;
  readonly #context: ExportContext;
  readonly #line: Line;
  readonly #stream: number;
  /** By the number of its layer. */
  readonly #subscriptions: readonly Subscription[];
  readonly #layers = new Map<number, number>();
  #wanted: ReadonlySet<Subscription>;
  #held = false;

  constructor(context: ExportContext, id: string, publication: Publication, line: Line, stream: number) {
    this.id = id;
    this.publication = publication;
    this.description = describeTrack(publication);
    this.#context = context;
    this.#line = line;
    this.#stream = stream;
    const rids = this.description.rids.length > 0 ? this.description.rids : [""];
    this.#subscriptions = rids.map((rid, layer) => this.#newSubscription(rid, layer));
    this.#wanted = new Set(this.#subscriptions);
  }

  /** To be called once it is known under its id. All layers cross until something else is wanted. */
  begin(): void {
    const { router, now } = this.#context;
    router.connected(this.id, now());
    this.#subscribe([...this.#wanted]);
  }

  want(layers: Iterable<number>): void {
    const wanted = new Set([...layers].flatMap((layer) => this.#subscriptions[layer] ?? []));
    const before = this.#wanted;
    this.#wanted = wanted;
    if (this.#held) return;
    this.#unsubscribe([...before].filter((subscription) => !wanted.has(subscription)));
    this.#subscribe([...wanted].filter((subscription) => !before.has(subscription)));
  }

  /** Somebody there cannot decode. */
  keyframe(layer: number): void {
    const subscription = this.#subscriptions[layer];
    if (subscription !== undefined && !this.#held) this.publication.keyframeFor(subscription, this.#context.now());
  }

  /** The line is empty again. */
  resume(): void {
    if (!this.#held) return;
    this.#held = false;
    this.#subscribe([...this.#wanted]);
  }

  end(): void {
    this.#unsubscribe(this.#held ? [] : [...this.#wanted]);
    this.#wanted = new Set();
    this.#context.router.remove(this.id);
  }

  /** One packet that the router sends it. */
  readonly send: Send = (packet) => {
    if (this.#held) return;
    const control = isRtcp(packet);
    const layer = this.#layers.get(uint32(packet, control ? 4 : 8));
    // Reports of what it receives are not for a line that loses nothing.
    if (layer === undefined) return;
    if (this.#line.waiting + packet.length > mostWaiting) {
      this.#held = true;
      this.#unsubscribe([...this.#wanted]);
      return;
    }
    this.#line.send({ kind: control ? kinds.report : kinds.packet, stream: this.#stream, layer }, packet);
  };

  #subscribe(subscriptions: readonly Subscription[]): void {
    const subscribed = subscriptions.map((subscription) => ({ subscription, source: this.publication }));
    this.#context.router.follow(this.id, { ...noConsequences, subscribed }, this.#context.now());
  }

  #unsubscribe(unsubscribed: readonly Subscription[]): void {
    this.#context.router.follow(this.id, { ...noConsequences, unsubscribed }, this.#context.now());
  }

  #newSubscription(rid: string, layer: number): Subscription {
    const { random32 } = this.#context;
    let ssrc = random32();
    while (ssrc === 0 || this.#layers.has(ssrc)) ssrc = random32();
    this.#layers.set(ssrc, layer);
    const { codec, extensions, redundantPayloadType } = this.description;
    const firstSequence = random32() & 0xffff;
    const subscription = new Subscription({
      session: this.id,
      ssrc,
      codec,
      extensions,
      firstSequence,
      redundantPayloadType,
    });
    if (rid !== "") subscription.preference = { preferredRid: rid };
    return subscription;
  }
}

const noConsequences = { published: [], unpublished: [], subscribed: [], unsubscribed: [], redirected: [] };
