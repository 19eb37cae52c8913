/** Cameras and microphones, the SFU, and viewers behind links of their own or one that they share, all in virtual time. */
import type { Simulcast } from "@satsuma/protocol";
import { Chance, type Conditions, Link } from "@satsuma/testkit";
import type { SfuLimits } from "../../src/index.ts";
import { readRtcp } from "../../src/rtcp/read.ts";
import { isRtcp } from "../../src/rtp/header.ts";
import { accepting, type OfferedLine, offer } from "../descriptions.ts";
import type { Wire } from "../wire.ts";
import { World } from "../world.ts";
import { Camera, Microphone } from "./camera.ts";
import { Machine } from "./machine.ts";
import { Viewer } from "./viewer.ts";

const app = "app";

const video = [
  "a=rtpmap:96 VP8/90000",
  "a=rtcp-fb:96 transport-cc",
  "a=rtcp-fb:96 ccm fir",
  "a=rtcp-fb:96 nack",
  "a=rtcp-fb:96 nack pli",
  "a=rtpmap:97 rtx/90000",
  "a=fmtp:97 apt=96",
  "a=extmap:3 http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01",
  "a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid",
  "a=extmap:10 urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id",
  "a=rid:f send",
  "a=rid:h send",
  "a=rid:q send",
  "a=simulcast:send f;h;q",
];
const lines: readonly OfferedLine[] = [
  { mid: "0", kind: "audio" },
  { mid: "1", kind: "video", attributes: video },
];

interface Publisher {
  readonly id: string;
  readonly wire: Wire;
  readonly camera: Camera;
  readonly microphone: Microphone;
}

export class Scene {
  readonly world: World;
  readonly publishers: Publisher[] = [];
  readonly viewers: Viewer[] = [];
  /** ms for which machines of viewers that come now pause at the most, ten times a second. */
  heldUp = 0;
  readonly #seed: number;

  constructor(seed: number, limits: Partial<SfuLimits> = {}) {
    this.#seed = seed;
    this.world = new World(limits, undefined, { number: 0, gathers: true });
  }

  async publish(): Promise<void> {
    const { sfu } = this.world;
    const { id } = await sfu.newSession(app, undefined);
    const tracks = [
      { location: "local" as const, mid: "0", trackName: "mic" },
      { location: "local" as const, mid: "1", trackName: "cam" },
    ];
    await sfu.tracks(app, id, { tracks, sessionDescription: offer(lines) });
    const wire = this.#newest();
    wire.enter("connected");
    const ssrc = 1_000 * (this.publishers.length + 1);
    const camera = new Camera("1", ssrc, this.world.now);
    this.publishers.push({ id, wire, camera, microphone: new Microphone("0", ssrc + 500, this.world.now) });
  }

  /** Pulls everything that is published, or its pictures alone; with a link of its own, or one that others share. */
  async view(conditions: Partial<Conditions> | Link, simulcast?: Simulcast, sound = true): Promise<Viewer> {
    const { sfu } = this.world;
    const { id } = await sfu.newSession(app, undefined);
    const tracks = this.publishers.flatMap(({ id: sessionId }) => [
      ...(sound ? [{ location: "remote" as const, sessionId, trackName: "mic" }] : []),
      { location: "remote" as const, sessionId, trackName: "cam", ...(simulcast && { simulcast }) },
    ]);
    const pulled = await sfu.tracks(app, id, { tracks });
    const offered = pulled.sessionDescription?.sdp ?? "";
    await sfu.renegotiate(app, id, accepting(offered));
    const wire = this.#newest();
    wire.enter("connected");
    const link = conditions instanceof Link ? conditions : this.link(conditions);
    const machine = new Machine(this.heldUp, Chance.of(this.#seed, 1_000 + this.viewers.length));
    const viewer = new Viewer(id, wire, link, machine, offered);
    this.viewers.push(viewer);
    return viewer;
  }

  link(conditions: Partial<Conditions>): Link {
    return new Link<Uint8Array>(conditions, Chance.of(this.#seed, this.viewers.length));
  }

  /** Lets time pass in steps of a millisecond. */
  run(milliseconds: number): void {
    const { world } = this;
    for (const end = world.now + milliseconds; world.now < end; ) {
      world.advance(1);
      for (const publisher of this.publishers) this.#produce(publisher);
      world.endTurn();
      for (const viewer of this.viewers) viewer.step(world.now);
    }
  }

  /** Lets time pass until `done`; gives the ms that it took, or undefined when it did not come within `limit`. */
  until(done: () => boolean, limit: number): number | undefined {
    for (let waited = 0; waited < limit; waited += 20) {
      if (done()) return waited;
      this.run(20);
    }
    return undefined;
  }

  #produce({ wire, camera, microphone }: Publisher): void {
    for (const packet of wire.take()) {
      if (!isRtcp(packet)) continue;
      for (const report of readRtcp(packet)) {
        if (report.report === "keyframe-request") camera.keyframeWanted(report.mediaSsrc);
      }
    }
    const { now } = this.world;
    for (const packet of [...microphone.packets(now), ...camera.packets(now)]) wire.deliver(packet);
  }

  #newest(): Wire {
    const wire = this.world.wires.at(-1);
    if (wire === undefined) throw new Error("A negotiation opens a transport.");
    return wire;
  }
}
