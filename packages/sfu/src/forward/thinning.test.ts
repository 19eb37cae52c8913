/** Layered streams from the publisher's packets to what a subscriber gets that wants fewer layers. */
import { describe, expect, test } from "vitest";
import { rtp } from "../../test/packets.ts";
import { Stage } from "../../test/stage.ts";
import { isRtcp, uint16 } from "../rtp/header.ts";
import { all } from "./quality.ts";

/** libvpx's pattern of three temporal layers; a frame of layer 1 or 2 that begins them anew has the sync bit. */
const temporalPattern = [0, 2, 1, 2] as const;

describe("VP8 with temporal layers", () => {
  test("goes out up to the layer that is wanted, in numbers and picture ids without a gap", () => {
    const { stage, subscription, send, pictures } = call();
    send(0, 8);
    expect(pictures().map(({ picture }) => picture)).toEqual([100, 101, 102, 103, 104, 105, 106, 107]);
    subscription.aim({ rid: "", spatial: all, temporal: 0 });
    send(8, 8);
    const base = pictures();
    expect(base.map(({ source }) => source)).toEqual([8, 12]);
    expect(base.map(({ picture }) => picture)).toEqual([108, 109]);
    expect(base.map(({ sequence }) => sequence)).toEqual([16, 17, 18, 19].filter((n) => n % 2 === 0));
    expect(stage.sentTo("pub")).toBeDefined();
  });

  test("goes up again where a frame needs the base layer alone, and not before", () => {
    const { subscription, send, pictures } = call();
    send(0, 4);
    subscription.aim({ rid: "", spatial: all, temporal: 0 });
    send(4, 4);
    pictures();
    subscription.aim({ rid: "", spatial: all, temporal: all });
    send(8, 4);
    expect(pictures().map(({ source }) => source)).toEqual([8]);
    send(12, 4, true);
    expect(pictures().map(({ source }) => source)).toEqual([12, 13, 14, 15]);
  });

  test("is measured for every way to send it, the cheapest last", () => {
    const { track, stage, send } = call();
    for (let frame = 0; frame < 60; frame += 1) {
      send(frame, 1);
      stage.advance(33);
    }
    const qualities = track.qualities(stage.now);
    expect(qualities.map(({ temporal }) => temporal)).toEqual([all, 1, 0]);
    const rates = qualities.map(({ framesPerSecond }) => Math.round(framesPerSecond / 7.5));
    expect(rates).toEqual([4, 2, 1]);
    expect(qualities.map(({ bitrate }) => bitrate)).toEqual(
      qualities.map(({ bitrate }) => bitrate).sort((a, b) => b - a),
    );
  });
});

describe("VP9 with spatial layers", () => {
  test("goes out up to the layer that is wanted, whose last packet then ends the picture", () => {
    const { subscription, send, packets } = vp9Call();
    send(1, true);
    expect(packets().map(({ spatial, marker }) => [spatial, marker])).toEqual([
      [0, false],
      [1, false],
      [2, true],
    ]);
    subscription.aim({ rid: "", spatial: 1, temporal: all });
    send(2, false);
    const got = packets();
    expect(got.map(({ spatial, marker }) => [spatial, marker])).toEqual([
      [0, false],
      [1, true],
    ]);
    expect(got.map(({ sequence }) => sequence)).toEqual([3, 4]);
    send(3, false);
    expect(packets().map(({ sequence }) => sequence)).toEqual([5, 6]);
  });

  test("goes up at a picture that refers to none before it, which is asked for", () => {
    const { stage, subscription, send, packets } = vp9Call();
    send(1, true);
    subscription.aim({ rid: "", spatial: 0, temporal: all });
    send(2, false);
    packets();
    stage.advance(1_000);
    stage.sentTo("pub");
    subscription.aim({ rid: "", spatial: all, temporal: all });
    stage.advance(1);
    expect(stage.sentTo("pub").some((packet) => packet[1] === 206 && packet[0] === 0x81)).toBe(true);
    send(3, false);
    expect(packets().map(({ spatial }) => spatial)).toEqual([0]);
    send(4, true);
    expect(packets().map(({ spatial }) => spatial)).toEqual([0, 1, 2]);
  });
});

/** Frames of two packets. The first payload byte behind the descriptor is that of a VP8 frame. */
function call() {
  const stage = new Stage();
  const track = stage.publish("pub", { ssrcs: [5] });
  stage.connect("pub");
  stage.connect("sub");
  const subscription = stage.subscribe("sub", track);
  let sequence = 0;
  return {
    stage,
    track,
    subscription,
    send(first: number, count: number, sync = false): void {
      for (let frame = first; frame < first + count; frame += 1) {
        const temporal = temporalPattern[frame % 4] ?? 0;
        for (const begins of [true, false]) {
          const layer = (temporal << 6) | (sync && temporal > 0 ? 0x20 : 0);
          const descriptor = [0x80 | (begins ? 0x10 : 0), 0xe0, 0x80, 100 + frame, frame >> 2, layer];
          const body = [frame === 0 && begins ? 0 : 1, 0, 0, frame];
          const payload = Uint8Array.of(...descriptor, ...body);
          stage.receive("pub", rtp({ ssrc: 5, sequence, timestamp: frame * 3_000, marker: !begins, payload }));
          sequence += 1;
        }
      }
    },
    /** One entry for each frame that came whole. */
    pictures: () =>
      stage
        .sentTo("sub")
        .filter((packet) => !isRtcp(packet) && ((packet[1] ?? 0) & 0x80) === 0)
        .map((packet) => ({
          sequence: uint16(packet, 2),
          picture: uint16(packet, 14) & 0x7fff,
          source: packet.at(-1),
        })),
  };
}

/** Pictures of three spatial layers, a packet each. */
function vp9Call() {
  const stage = new Stage();
  const track = stage.publish("pub", { ssrcs: [5], codec: "VP9" });
  stage.connect("pub");
  stage.connect("sub");
  const subscription = stage.subscribe("sub", track);
  let sequence = 0;
  return {
    stage,
    subscription,
    send(picture: number, key: boolean): void {
      for (const spatial of [0, 1, 2]) {
        // Flags: picture id, predicted, layers, begins and ends.
        const flags = 0x80 | (key ? 0 : 0x40) | 0x20 | 0x0c;
        const payload = Uint8Array.of(flags, picture, spatial << 1, picture, 1, 2, 3);
        stage.receive("pub", rtp({ ssrc: 5, sequence, timestamp: picture * 3_000, marker: spatial === 2, payload }));
        sequence += 1;
      }
    },
    packets: () =>
      stage
        .sentTo("sub")
        .filter((packet) => !isRtcp(packet))
        .map((packet) => ({
          sequence: uint16(packet, 2),
          marker: ((packet[1] ?? 0) & 0x80) !== 0,
          spatial: ((packet[14] ?? 0) >> 1) & 7,
        })),
  };
}
