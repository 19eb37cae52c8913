/**
 * A random life of a few peers on bad networks: they come and go, change what they pull, stop and start layers, and lose
 * packets in every way. At its end the networks heal, and then everybody must see and hear what they pulled.
 */
import { Chance, type Conditions, Link } from "@satsuma/testkit";
import { must } from "./must.ts";
import { Network } from "./network.ts";
import { app, Publisher, type Pulled, Viewer } from "./peers.ts";
import { type LayerShape, Track, type TrackShape } from "./publisher.ts";

const layers: readonly LayerShape[] = [
  { rid: "a", packetsPerFrame: 3, bytesPerPacket: 900 },
  { rid: "b", packetsPerFrame: 1, bytesPerPacket: 800 },
  { rid: "c", packetsPerFrame: 1, bytesPerPacket: 300 },
];
const whole: readonly LayerShape[] = [{ rid: "", packetsPerFrame: 2, bytesPerPacket: 700 }];
const shapes: readonly [TrackShape, ...TrackShape[]] = [
  { kind: "video", interval: 100, layers },
  { kind: "video", interval: 100, layers: layers.slice(1) },
  { kind: "video", interval: 80, layers: whole },
  { kind: "video", interval: 80, layers, temporal: 3 },
  { kind: "video", interval: 60, layers: whole, temporal: 2 },
  { kind: "video", interval: 80, layers: whole, codec: "VP9", spatial: 3, temporal: 3 },
  { kind: "video", interval: 100, layers: whole, codec: "VP9", spatial: 2 },
];
const sound: TrackShape = {
  kind: "audio",
  interval: 40,
  layers: [{ rid: "", packetsPerFrame: 1, bytesPerPacket: 80 }],
};

/** bits/s of bottlenecks: from less than a voice to more than the best layer. */
const narrow = [20_000, 60_000, 120_000, 200_000, 400_000, 1_000_000];
/** ms that everybody has to recover in, once the networks are healed; and who is sent what a way can take, that has to be found. */
const recovery = 2_500;
const slowRecovery = 10_000;
/** ms between two looks whether they have. */
const look = 500;
/** ms without a decoded picture of every layer that nobody may see after that. */
const frozen = 700;

export interface Lived {
  readonly packets: number;
  readonly emitted: number;
  readonly answered: number;
  readonly thinned: number;
  readonly stretches: number;
  readonly decoded: number;
}

/** Throws what was broken. */
export async function live(seed: number, number: number): Promise<Lived> {
  const life = new Life(Chance.of(seed, number));
  return life.run();
}

class Life {
  readonly #chance: Chance;
  readonly #network = new Network();
  #publishers: Publisher[] = [];
  #viewers: Viewer[] = [];
  readonly #gone: Viewer[] = [];
  #tracks = 1;

  constructor(chance: Chance) {
    this.#chance = chance;
  }

  async run(): Promise<Lived> {
    const { world } = this.#network;
    await this.#joinPublisher();
    await this.#joinViewer();
    const steps = 4 + this.#chance.below(14);
    for (let step = 0; step < steps; step += 1) {
      this.#network.run(world.now + 20 + this.#chance.below(600));
      await this.#act();
      this.#network.collect();
      this.#settle();
    }
    await this.#recover();
    const viewers = [...this.#viewers, ...this.#gone];
    const pulls = viewers.flatMap(({ pulls }) => pulls);
    this.#end();
    const sum = (of: (pull: Pulled) => number) => pulls.reduce((total, pull) => total + of(pull), 0);
    return {
      packets: this.#network.taken,
      emitted: this.#network.emitted,
      answered: sum(({ ledger }) => ledger.answered),
      thinned: sum(({ ledger }) => ledger.counts.thinned),
      stretches: sum(({ ledger }) => ledger.counts.stretches),
      decoded: sum(({ feed }) => feed.decoded),
    };
  }

  async #act(): Promise<void> {
    const viewer = this.#viewers[this.#chance.below(this.#viewers.length)];
    const publisher = this.#publishers[this.#chance.below(this.#publishers.length)];
    const track = publisher?.tracks[this.#chance.below(publisher.tracks.length)];
    const pull = viewer?.pulls.filter(({ open }) => open)[this.#chance.below(4)];
    switch (this.#chance.below(13)) {
      case 0:
        if (this.#publishers.length < 2) await this.#joinPublisher();
        return;
      case 1:
      case 2:
        if (this.#viewers.length < 3) await this.#joinViewer();
        return;
      case 3:
        if (viewer !== undefined && this.#viewers.length > 1) this.#leave(viewer);
        return;
      case 4:
      case 5:
        if (viewer !== undefined && pull !== undefined) this.#rewish(viewer, pull);
        return;
      case 6:
        if (viewer !== undefined && pull !== undefined) this.#repoint(viewer, pull);
        return;
      case 7:
        if (viewer !== undefined && pull !== undefined && this.#chance.oneIn(3)) await viewer.stop(pull);
        return;
      case 8:
        if (track !== undefined) track.restart(this.#chance.below(track.streams.length));
        return;
      case 9:
      case 10:
        if (track !== undefined) {
          const index = this.#chance.below(track.streams.length);
          track.setActive(index, !track.streams[index]?.active);
        }
        return;
      default: {
        const { now } = this.#network.world;
        const peer = this.#chance.oneIn(2) ? viewer : publisher;
        if (peer === undefined) return;
        peer.up.change(this.#conditions(), now);
        peer.down.change(this.#conditions(), now);
      }
    }
  }

  async #joinPublisher(): Promise<void> {
    const { world } = this.#network;
    const { id } = await world.sfu.newSession(app, undefined);
    const clock = 3_900_000_000 + this.#chance.below(10_000_000);
    const kinds = [sound, this.#chance.pick([shapes[0], ...shapes])];
    const tracks = kinds.map((shape, index) => new Track(this.#tracks + index, shape, clock, this.#chance, world.now));
    this.#tracks += tracks.length;
    const publisher = new Publisher(world, id, this.#links(), tracks, this.#network.register);
    await publisher.publish();
    publisher.wire?.enter("connected");
    this.#publishers.push(publisher);
    this.#network.peers.push(publisher);
  }

  async #joinViewer(): Promise<void> {
    const { world } = this.#network;
    const { id } = await world.sfu.newSession(app, undefined);
    const viewer = new Viewer(world, id, this.#links(), this.#network.register, this.#chance.oneIn(2));
    const publisher = this.#publishers[this.#chance.below(this.#publishers.length)];
    if (publisher === undefined) return;
    await viewer.pull(publisher.tracks.map((track) => ({ publisher, track })));
    this.#viewers.push(viewer);
    this.#network.peers.push(viewer);
    // Sometimes the transport is there a while after the description.
    if (this.#chance.oneIn(4)) this.#network.run(world.now + this.#chance.below(300));
    viewer.wire?.enter("connected");
    this.#network.collect();
  }

  #leave(viewer: Viewer): void {
    viewer.wire?.enter("closed");
    this.#viewers = this.#viewers.filter((other) => other !== viewer);
    this.#network.peers.splice(this.#network.peers.indexOf(viewer), 1);
    this.#gone.push(viewer);
  }

  #rewish(viewer: Viewer, pull: Pulled): void {
    const rids = pull.source.track.shape.layers.map(({ rid }) => rid);
    const rid = rids[this.#chance.below(rids.length)];
    if (rids.length > 1) viewer.update(pull, pull.source, this.#chance.oneIn(5) ? undefined : rid);
  }

  #repoint(viewer: Viewer, pull: Pulled): void {
    const { kind, codec = "VP8" } = pull.source.track.shape;
    const publisher = this.#publishers[this.#chance.below(this.#publishers.length)];
    const track = publisher?.tracks.find(({ shape }) => shape.kind === kind && (shape.codec ?? "VP8") === codec);
    if (publisher !== undefined && track !== undefined) viewer.update(pull, { publisher, track }, undefined);
  }

  #settle(): void {
    for (const viewer of this.#viewers)
      for (const { ledger, open } of viewer.pulls) if (open) ledger.settle(this.#network.world.now);
  }

  async #recover(): Promise<void> {
    const { world } = this.#network;
    const healed: Partial<Conditions> = {
      loss: 0,
      burst: undefined,
      reorder: 0,
      duplicate: 0,
      rate: undefined,
      delay: 10,
      jitter: 0,
    };
    for (const peer of this.#network.peers) {
      peer.up.change(healed, world.now);
      peer.down.change(healed, world.now);
    }
    for (const { tracks } of this.#publishers) {
      for (const track of tracks) track.streams.forEach((_, index) => void track.setActive(index, true));
    }
    const healedAt = world.now;
    for (;;) {
      this.#network.run(world.now + look);
      this.#settle();
      const passed = world.now - healedAt;
      const failed = this.#viewers.flatMap(({ pulls, feedback }) =>
        pulls.flatMap((pull) => {
          const failure = pull.open ? this.#failure(pull) : undefined;
          must(failure === undefined || passed < (feedback ? slowRecovery : recovery), failure ?? "");
          return failure ?? [];
        }),
      );
      if (failed.length === 0) return;
    }
  }

  /** Why a subscriber does not see or hear what it pulled, all of it; undefined when it does. */
  #failure({ feed, source, preferredRid, mid }: Pulled): string | undefined {
    const { now } = this.#network.world;
    const { layers: streams, spatial = 1, temporal = 1 } = source.track.shape;
    const since = now - (feed.decodedAt ?? Number.NEGATIVE_INFINITY);
    if (since > frozen) return `mid ${mid}, ${feed.video ? "video" : "audio"}, shows nothing since ${since} ms`;
    const rids = streams.map(({ rid }) => rid);
    const lower = rids.find((rid) => rid >= (preferredRid ?? ""));
    const wanted = rids[0] === "" ? "" : (lower ?? rids.at(-1));
    const shown = source.track.streams[(feed.stream ?? 0) % 16]?.shape.rid;
    if (shown !== wanted) return `mid ${mid} shows layer ${shown} and not ${wanted}`;
    const best = (spatial - 1) * 4 + temporal - 1;
    const missed = now - (feed.layersAt.get(best) ?? Number.NEGATIVE_INFINITY);
    return missed > frozen ? `mid ${mid} has not shown all of its layers for ${missed} ms` : undefined;
  }

  /** Nothing is left of those who have gone. */
  #end(): void {
    for (const peer of this.#network.peers) peer.wire?.enter("closed");
    const { world } = this.#network;
    this.#network.run(world.now + 70_000);
    must(world.sfu.sessionCount === 0 && world.sfu.routedCount === 0, "nothing is kept of sessions that have ended");
    must(world.alarm === undefined, "an empty SFU sleeps");
  }

  #links(): { up: Link; down: Link } {
    return { up: new Link(this.#conditions(), this.#chance), down: new Link(this.#conditions(), this.#chance) };
  }

  #conditions(): Partial<Conditions> {
    const chance = this.#chance;
    const off = { loss: 0, burst: undefined, reorder: 0, duplicate: 0, jitter: 0, rate: undefined };
    const base = { ...off, delay: chance.below(80) };
    switch (chance.below(8)) {
      case 0:
        return base;
      case 1:
        return { ...base, loss: 0.02 + chance.fraction() * 0.2 };
      case 2:
        return { ...base, burst: { enter: 0.02, leave: 0.3, loss: 1 } };
      case 3:
        return { ...base, jitter: 40, reorder: 0.05, reorderBy: 30 };
      case 4:
        return { ...base, duplicate: 0.05, loss: 0.05 };
      case 5:
        return { ...base, rate: narrow[chance.below(narrow.length)], queue: 50 + chance.below(500) };
      case 6:
        return { ...base, rate: narrow[chance.below(narrow.length)], queue: 50 + chance.below(500), loss: 0.03 };
      default:
        return { ...base, jitter: 10, loss: 0.01 };
    }
  }
}
