/**
 * One camera with its microphone, and those who watch it over bad ways, in virtual time: what the network benchmark does with
 * browsers, exact and the same each time.
 */
import { Chance, type Conditions, Link } from "@satsuma/testkit";
import { Network } from "./network.ts";
import { app, Publisher, Viewer } from "./peers.ts";
import { Track, type TrackShape } from "./publisher.ts";

/** 15 pictures a second in layers of 2,500, 800 and 200 kbit/s, and keyframes of three times the size. */
const camera: TrackShape = {
  kind: "video",
  interval: 1_000 / 15,
  layers: [
    { rid: "a", packetsPerFrame: 18, bytesPerPacket: 1_150, packetsPerKeyframe: 54 },
    { rid: "b", packetsPerFrame: 6, bytesPerPacket: 1_100, packetsPerKeyframe: 18 },
    { rid: "c", packetsPerFrame: 2, bytesPerPacket: 830, packetsPerKeyframe: 6 },
  ],
};
const microphone: TrackShape = {
  kind: "audio",
  interval: 20,
  layers: [{ rid: "", packetsPerFrame: 1, bytesPerPacket: 100 }],
};
/** ms that a picture may stand before it counts as frozen, as the benchmark has it. */
const frozenAfter = 217;
const step = 10;

/** With what the SFU does for bad networks, or as a server that only passes packets on. */
export type Mode = "full" | "plain";

export interface Watched {
  /** Of the time, in percent. */
  readonly frozen: number;
  /** Pictures a second. */
  readonly pictures: number;
  /** bits/s that came, with everything. */
  readonly through: number;
  /** The longest wait, in ms. */
  readonly queue: number;
}

export class Call {
  readonly network = new Network();
  readonly #mode: Mode;
  readonly #chance: Chance;
  readonly #tracks: readonly Track[];
  #publisher: Publisher | undefined;

  private constructor(seed: number, mode: Mode) {
    this.#chance = new Chance(seed);
    this.#mode = mode;
    this.#tracks = [microphone, camera].map(
      (shape, index) => new Track(index + 1, shape, 3_900_000_000, this.#chance, 0),
    );
  }

  /** Published, and flowing for a second. */
  static async begin(seed: number, mode: Mode, up: Partial<Conditions> = {}): Promise<Call> {
    const call = new Call(seed, mode);
    const { network } = call;
    const { id } = await network.world.sfu.newSession(app, undefined);
    const links = { up: call.link(up), down: call.link({ delay: up.delay ?? 0, jitter: up.jitter ?? 0 }) };
    const publisher = new Publisher(network.world, id, links, call.#tracks, network.register, mode === "plain");
    await publisher.publish();
    publisher.wire?.enter("connected");
    network.peers.push(publisher);
    call.#publisher = publisher;
    network.run(1_000);
    return call;
  }

  link(conditions: Partial<Conditions>): Link {
    return new Link(conditions, this.#chance);
  }

  get publisher(): Publisher {
    if (this.#publisher === undefined) throw new Error("A call begins with its publisher.");
    return this.#publisher;
  }

  /** Somebody watches, behind a way that may be shared. */
  async watch(down: Link, up: Partial<Conditions>): Promise<Viewer> {
    const { world, register, peers } = this.network;
    const { id } = await world.sfu.newSession(app, undefined);
    const full = this.#mode === "full";
    const viewer = new Viewer(world, id, { up: this.link(up), down }, register, full, !full);
    const { publisher } = this;
    await viewer.pull(this.#tracks.map((track) => ({ publisher, track })));
    peers.push(viewer);
    viewer.wire?.enter("connected");
    this.network.collect();
    return viewer;
  }

  /** Lets so many ms pass, and looks on; `each` is called ten times a second. */
  look(viewer: Viewer, time: number, each: () => void = () => {}): Watched {
    const { world } = this.network;
    const feed = viewer.pulls.find(({ feed: { video } }) => video)?.feed;
    if (feed === undefined) throw new Error("Who watches has pulled a picture.");
    const from = world.now;
    const [pictures, bytes] = [feed.decoded, viewer.bytesDown];
    let last = feed.decodedAt ?? from;
    let frozen = 0;
    viewer.longestWait = 0;
    while (world.now < from + time) {
      this.network.run(world.now + step);
      const now = feed.decodedAt ?? from;
      if (now - last > frozenAfter) frozen += now - last;
      last = now;
      if ((world.now - from) % 100 < step) each();
    }
    if (world.now - last > frozenAfter) frozen += world.now - last;
    return {
      frozen: Math.min(100, (frozen * 100) / time),
      pictures: ((feed.decoded - pictures) * 1_000) / time,
      through: ((viewer.bytesDown - bytes) * 8_000) / time,
      queue: viewer.longestWait,
    };
  }

  /** The layer that is shown. */
  shown(viewer: Viewer): string | undefined {
    const pull = viewer.pulls.find(({ feed: { video } }) => video);
    const { decodedAt = Number.NEGATIVE_INFINITY, stream = 0 } = pull?.feed ?? {};
    return this.network.world.now - decodedAt > 1_000 ? undefined : camera.layers[stream % 16]?.rid;
  }
}
