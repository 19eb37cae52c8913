/** Bytes of peers: RTP, RTCP, and the messages of adapters. */

import type { Chance } from "@satsuma/testkit";
import { Egress } from "../../packages/sfu/src/adapters/egress.ts";
import { frameBytes, Ingest } from "../../packages/sfu/src/adapters/ingest.ts";
import { readPacket, writePacket } from "../../packages/sfu/src/adapters/packet.ts";
import type { AudioDecoder } from "../../packages/sfu/src/adapters/platform.ts";
import { readRtcp } from "../../packages/sfu/src/rtcp/read.ts";
import { readRtpHeader, textExtension } from "../../packages/sfu/src/rtp/header.ts";
import { promise, type Target } from "./case.ts";
import { mutateBytes } from "./mutate.ts";

/** RTP with a one-byte extension, and a compound of a receiver report and a keyframe request. */
const rtp = Uint8Array.of(0x90, 111, 0, 1, 0, 0, 3, 192, 0, 0, 0, 7, 0xbe, 0xde, 0, 1, 0x40, 48, 0, 0, 1, 2, 3, 4);
const rtcp = Uint8Array.of(0x80, 201, 0, 1, 0, 0, 0, 1, 0x81, 206, 0, 2, 0, 0, 0, 1, 0, 0, 0, 7);

/** A codec that takes what is no longer than 20 bytes. */
const decoder: AudioDecoder = {
  decode: (packet) => (packet.length > 20 ? undefined : new Uint8Array(frameBytes)),
  conceal: (samples) => new Uint8Array(samples * 4),
  free: () => {},
};

export const packets: readonly Target[] = [
  {
    name: "packet",
    weight: 8,
    prepare(chance) {
      const packet = mutateBytes(chance.pick([rtp, rtcp]), chance);
      return () => {
        const header = readRtpHeader(packet);
        if (header !== undefined) {
          promise(
            header.payloadEnd <= packet.length && header.payloadOffset <= header.payloadEnd,
            "a payload is inside its packet",
          );
          for (let id = 1; id < 16; id += 1)
            promise((textExtension(packet, header, id) ?? "").length <= 255, "an extension is inside its packet");
        }
        promise([...readRtcp(packet)].length <= packet.length, "there are no more reports than bytes");
      };
    },
  },
  {
    name: "adapter message",
    weight: 8,
    prepare(chance) {
      const message = mutateBytes(
        writePacket({
          sequenceNumber: chance.uint32(),
          timestamp: chance.uint32(),
          payload: chance.bytes(chance.below(200)),
        }),
        chance,
      );
      return () => {
        const packet = readPacket(message);
        if (packet === undefined) return;
        promise(packet.payload.length <= message.length, "a payload is inside its message");
        const again = readPacket(writePacket(packet));
        promise(
          again?.timestamp === packet.timestamp && again.payload.length === packet.payload.length,
          "what was read can be written",
        );
      };
    },
  },
  {
    name: "ingest",
    weight: 1,
    prepare(chance) {
      const steps = Array.from({ length: chance.below(30) }, () => ({
        wait: chance.below(400),
        size: chance.below(32_768),
      }));
      return () => {
        let now = 0;
        const encode = (pcm: Uint8Array) => pcm.subarray(0, 3);
        const ingest = new Ingest({ ssrc: 1, firstSequence: 0, firstTimestamp: 0, encode }, now);
        let frames = 0;
        let received = 0;
        for (const { wait, size } of steps) {
          now += wait;
          received += size;
          ingest.received(new Uint8Array(size), now);
          frames += ingest.due(now).length;
          promise(ingest.nextDeadline() > now, "it wants to be woken later, not now");
        }
        promise(frames <= received / frameBytes + 2 * steps.length + 2, "no more is played than came");
      };
    },
  },
  {
    name: "egress",
    weight: 1,
    prepare(chance) {
      const received = Array.from({ length: 1 + chance.below(30) }, (_, index) => numbered(index, chance));
      return () => {
        const egress = new Egress(decoder);
        for (const packet of received) promise(egress.received(packet).length <= 6, "a packet makes few messages");
      };
    },
  },
];

function numbered(index: number, chance: Chance): Uint8Array {
  const packet = rtp.slice();
  const at = index + (chance.oneIn(5) ? chance.below(8) : 0);
  new DataView(packet.buffer).setUint16(2, at);
  new DataView(packet.buffer).setUint32(4, at * 960);
  return chance.oneIn(4) ? mutateBytes(packet, chance) : packet;
}
