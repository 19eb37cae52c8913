/** Media of hostile peers: payload descriptors of every codec, and whole lives of a track with its repairs and layers. */
import type { Chance } from "@satsuma/testkit";
import { DependencyReader } from "../../packages/sfu/src/rtp/dependency.ts";
import { Frame, frameReader } from "../../packages/sfu/src/rtp/frame.ts";
import { isRtcp, readRtpHeader } from "../../packages/sfu/src/rtp/header.ts";
import { ascii, pictureLossPacket, rtcp, rtp, senderReportPacket } from "../../packages/sfu/test/packets.ts";
import { Stage } from "../../packages/sfu/test/stage.ts";
import { promise, type Target } from "./case.ts";
import { mutateBytes } from "./mutate.ts";

const codecs = ["VP8", "VP9", "H264", "H265", "AV1"] as const;

/** The beginning of a payload as each codec's senders make it. */
const payloads: Readonly<Record<(typeof codecs)[number], readonly number[]>> = {
  VP8: [0x90, 0xe0, 0x80, 1, 2, 0x20, 0x10, 2, 0, 0x9d, 1, 0x2a, 0x80, 2, 0x68, 1],
  VP9: [0xae, 0x80, 7, 0x12, 3, 0x18, 1, 0x40, 0, 0xb4, 1, 2, 3],
  H264: [24, 0, 4, 0x67, 1, 2, 3, 0, 2, 0x65, 1, 28, 0x85],
  H265: [0x62, 1, 0x93, 1, 2, 48 << 1, 1, 0, 2, 0x42, 1],
  AV1: [0x18, 0x0a, 0x0b, 0, 0, 0, 1],
};
/** With a structure of two templates; the first byte begins and ends a frame. */
const descriptor = Uint8Array.of(0xc0, 0, 1, 0x80, 0x00, 0x21, 0x70, 0x28, 0x84, 0x00, 0x01, 0x40, 0x00, 0xb4);

const repair = { ssrc: 0xfff0, payloadType: 101, firstSequence: 65_500 };
const sources = { whole: 5, repairs: 6, a: 11, b: 12 } as const;

export const media: readonly Target[] = [
  {
    name: "payload descriptor",
    weight: 8,
    prepare(chance) {
      const codec = chance.pick(codecs);
      const payload = mutateBytes(Uint8Array.from(payloads[codec]), chance);
      const extension = mutateBytes(descriptor, chance);
      return () => {
        const frame = new Frame();
        frameReader(codec)(payload, 0, payload.length, frame);
        promise(
          frame.pictureId < 0 || frame.pictureIdAt + (frame.wide ? 2 : 1) <= payload.length,
          "a picture id is inside its payload",
        );
        promise(frame.baseId < 0 || frame.baseIdAt < payload.length, "a base id is inside its payload");
        promise(frame.spatial < 8 && frame.temporal < 8, "a layer has a small number");
        const described = new Frame();
        const reader = new DependencyReader();
        reader.read(extension, 0, extension.length, described);
        reader.read(extension, 0, Math.min(extension.length, 3), described);
        promise(described.number <= 0xffff && described.heights.length <= 64, "a descriptor says no more than it can");
      };
    },
  },
  { name: "life of a track", weight: 1, prepare: (chance) => () => live(chance) },
];

function live(chance: Chance): void {
  const stage = new Stage();
  const codec = chance.pick(codecs);
  const simulcast = chance.oneIn(2);
  const track = stage.publish("pub", {
    codec,
    ssrcs: [sources.whole, sources.repairs],
    feedback: ["nack", "nack pli"],
    ...(simulcast && { rids: ["a", "b"] }),
  });
  stage.connect("pub");
  stage.connect("sub");
  const subscription = stage.subscribe("sub", track, undefined, repair);
  const given = new Set<number>();
  let newest = chance.below(65_536);
  for (let step = 0; step < 40; step += 1) {
    newest += chance.below(4) === 0 ? chance.below(600) : 1;
    stage.receive("pub", published(chance, codec, simulcast, newest & 0xffff));
    if (chance.oneIn(3)) stage.receive("sub", heard(chance, subscription.ssrc));
    if (chance.oneIn(8))
      subscription.aim({ rid: simulcast ? "b" : "", spatial: chance.below(3), temporal: chance.below(3) });
    if (chance.oneIn(2)) stage.advance(chance.below(chance.oneIn(9) ? 3_000 : 40));
    for (const packet of stage.sentTo("sub")) check(packet, subscription.ssrc, given);
    stage.sentTo("pub");
  }
}

function check(packet: Uint8Array, ssrc: number, given: Set<number>): void {
  if (isRtcp(packet)) return;
  const header = readRtpHeader(packet);
  promise(header !== undefined, "what is sent is a whole packet");
  if (header === undefined) return;
  promise(header.ssrc === ssrc || header.ssrc === repair.ssrc, "what is sent has an SSRC of the subscriber");
  if (header.ssrc !== ssrc) return;
  promise(!given.has(header.sequence), "a number means one packet");
  given.add(header.sequence);
}

function published(chance: Chance, codec: (typeof codecs)[number], simulcast: boolean, newest: number): Uint8Array {
  const rid = chance.pick(["a", "b"] as const);
  const payload = mutated(Uint8Array.from(payloads[codec]), chance);
  const repairs = chance.oneIn(5);
  const sequence = (newest - (chance.oneIn(4) ? chance.below(20) : 0)) & 0xffff;
  const packet = rtp({
    payloadType: repairs ? 97 : 96,
    ssrc: simulcast ? sources[rid] + (repairs ? 100 : 0) : repairs ? sources.repairs : sources.whole,
    sequence,
    timestamp: newest * 3_000,
    marker: chance.oneIn(2),
    payload: repairs ? Uint8Array.of(sequence >> 8, sequence, ...payload) : payload,
    padding: chance.oneIn(9) ? 1 + chance.below(200) : 0,
    form: chance.oneIn(3) ? 2 : 1,
    extensions: [
      { id: 4, data: ascii("0") },
      { id: repairs ? 11 : 10, data: ascii(rid) },
      { id: 12, data: mutated(descriptor.subarray(0, 3), chance).slice(0, 16) },
    ].filter(({ data }) => data.length > 0),
  });
  return mutated(chance.oneIn(12) ? senderReportPacket(sources.whole, chance.uint32()) : packet, chance);
}

/** What a subscriber says: that packets are missing, that it cannot decode, how it receives. */
function heard(chance: Chance, ssrc: number): Uint8Array {
  const lost = rtcp(1, 205, [1, ssrc, chance.uint32(), chance.uint32()]);
  const report = rtcp(1, 201, [1, ssrc, chance.uint32(), chance.uint32(), chance.uint32(), chance.uint32(), 0]);
  return mutated(chance.pick([lost, report, pictureLossPacket(ssrc)]), chance);
}

/** Changed one time in three: most of a life has to make sense. */
function mutated(bytes: Uint8Array, chance: Chance): Uint8Array {
  return chance.oneIn(3) ? mutateBytes(bytes, chance) : bytes;
}
