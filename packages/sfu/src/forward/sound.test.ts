/** Who speaks, and who is heard by a session that wants the loudest few. */
import { describe, expect, test } from "vitest";
import { rtp } from "../../test/packets.ts";
import { Stage } from "../../test/stage.ts";
import { isRtcp, uint16 } from "../rtp/header.ts";
import { Loudest } from "./loudest.ts";
import { Subscription } from "./subscription.ts";

/** -dBov of somebody who speaks, of a room in which nobody does, and of digital silence. */
const speech = 30;
const room = 70;
const silence = 127;

describe("somebody speaks", () => {
  test("when the level says so, until a second of quiet, whatever the pauses between words", () => {
    const { stage, talk } = call(1);
    talk(500, [room]);
    expect(stage.speaking).toEqual([]);
    talk(300, [speech]);
    expect(stage.speaking.splice(0)).toEqual(["mic0 speaks"]);
    for (let word = 0; word < 10; word += 1) {
      talk(200, [speech]);
      talk(200, [silence]);
    }
    expect(stage.speaking).toEqual([]);
    talk(2_500, [room]);
    expect(stage.speaking).toEqual(["mic0 stops"]);
  });

  test("no longer when the packets stop, or the track", () => {
    const { stage, talk, tracks } = call(2);
    talk(300, [speech, speech]);
    expect(stage.speaking.splice(0)).toEqual(["mic0 speaks", "mic1 speaks"]);
    talk(1_000, [speech]);
    expect(stage.speaking.splice(0)).toEqual(["mic1 stops"]);
    if (tracks[0]) stage.unpublish(tracks[0]);
    expect(stage.speaking).toEqual(["mic0 stops"]);
    expect(stage.router.nextDeadline()).toBeDefined();
  });
});

describe("a session that wants the two loudest of five", () => {
  test("gets those, and another once that is clearly louder than one who had a second", () => {
    const { talk, heard } = call(5, 2);
    talk(2_000, [speech, room, speech, room, room]);
    heard();
    talk(1_000, [speech, room, speech, room, room]);
    expect(heard()).toEqual([0, 2]);
    talk(1_000, [room, room, speech, speech, room]);
    heard();
    talk(1_000, [room, room, speech, speech, room]);
    expect(heard()).toEqual([2, 3]);
  });

  test("gets each in numbers without a gap, as if the pause had not been", () => {
    const { talk, heard, numbers } = call(3, 2);
    for (let turn = 0; turn < 4; turn += 1) {
      talk(3_000, [speech, speech, silence]);
      talk(3_000, [silence, speech, speech]);
    }
    heard();
    for (const sequence of numbers.values()) {
      sequence.forEach((number, index) => {
        expect(number).toBe(index);
      });
    }
    expect([...numbers.values()].map(({ length }) => length > 300)).toEqual([true, true, true]);
  });

  test("gets all while there are no more than two", () => {
    const { talk, heard } = call(2, 2);
    talk(1_000, [silence, silence]);
    expect(heard()).toEqual([0, 1]);
  });
});

test("sessions that set no number get every microphone, as at Calls", () => {
  const { talk, heard } = call(5);
  talk(1_000, [room, room, room, speech, silence]);
  expect(heard()).toEqual([0, 1, 2, 3, 4]);
});

test("two who talk at a time do not take the only place from each other with every syllable", () => {
  const loudest = new Loudest<string>(1);
  let changes = 0;
  let before = "";
  for (let now = 0; now < 10_000; now += 100) {
    const louder = (now / 100) % 2;
    const [chosen = ""] = loudest.choose(
      new Map([
        ["ann", 90 + 4 * louder],
        ["bob", 94 - 4 * louder],
      ]),
      now,
    );
    if (chosen !== before) changes += 1;
    before = chosen;
  }
  expect(changes).toBe(1);
});

test("redundant sound goes to who takes it as it is, and to others as its newest block", () => {
  const stage = new Stage();
  const track = stage.publish("mic", { kind: "audio", ssrcs: [5] });
  for (const session of ["takes", "not"]) stage.connect(session);
  const plain = stage.subscribe("not", track);
  const subscription = new Subscription({
    session: "takes",
    ssrc: 77,
    codec: track.codec,
    extensions: [],
    firstSequence: 0,
    redundantPayloadType: 99,
  });
  const consequences = { published: [], unpublished: [], unsubscribed: [], redirected: [] };
  stage.router.follow("takes", { ...consequences, subscribed: [{ subscription, source: track }] }, 0);
  // A block of two bytes, 960 ticks earlier, before one of three.
  const payload = Uint8Array.of(0x80 | 111, 960 >> 6, ((960 & 0x3f) << 2) | 0, 2, 111, 1, 2, 7, 8, 9);
  const broken = Uint8Array.of(0x80 | 111, 0, 3, 255, 111, 1);
  stage.receive("mic", rtp({ ssrc: 5, payloadType: 63, sequence: 1, payload }));
  stage.receive("mic", rtp({ ssrc: 5, payloadType: 111, sequence: 2, payload: Uint8Array.of(5) }));
  stage.receive("mic", rtp({ ssrc: 5, payloadType: 63, sequence: 3, payload: broken }));
  const sent = (session: string) =>
    stage.sentTo(session).map((packet) => [(packet[1] ?? 0) & 0x7f, ...packet.subarray(12)]);
  expect(sent("takes").slice(0, 2)).toEqual([
    [99, ...payload],
    [111, 5],
  ]);
  expect(sent("not")).toEqual([[100, 7, 8, 9], [100, 5], [100]]);
  // What was left out is not counted as sent (RFC 3550 §6.4.1: payload octets).
  expect(subscription.bytes).toBe(payload.length + 1 + broken.length);
  expect(plain.bytes).toBe(3 + 1);
});

/** Microphones `mic0`, `mic1` …, all received by one session, which hears the `loudest` of them. */
function call(microphones: number, loudest?: number) {
  const stage = new Stage();
  stage.connect("ear");
  if (loudest !== undefined) stage.router.limitSound("ear", loudest);
  const tracks = Array.from({ length: microphones }, (_, n) => stage.publish(`mic${n}`, { kind: "audio", ssrcs: [5] }));
  const ssrcs = tracks.map((track) => stage.subscribe("ear", track).ssrc);
  const numbers = new Map<number, number[]>(ssrcs.map((ssrc) => [ssrc, []]));
  let sequence = 0;
  return {
    stage,
    tracks,
    numbers,
    /** Every microphone with a level sends a packet every 20 ms. */
    talk(milliseconds: number, levels: readonly number[]): void {
      for (let passed = 0; passed < milliseconds; passed += 20) {
        sequence += 1;
        for (const [n, level] of levels.entries()) {
          const extensions = [{ id: 1, data: Uint8Array.of(level) }];
          const fields = { ssrc: 5, payloadType: 111, sequence, timestamp: sequence * 960, payload: Uint8Array.of(1) };
          stage.receive(`mic${n}`, rtp({ ...fields, extensions }));
        }
        stage.advance(20);
      }
    },
    /** Which microphones were heard since the last time. */
    heard(): number[] {
      const heard = new Set<number>();
      for (const packet of stage.sentTo("ear")) {
        if (isRtcp(packet)) continue;
        const ssrc = new DataView(packet.buffer).getUint32(8);
        numbers.get(ssrc)?.push(uint16(packet, 2));
        heard.add(ssrcs.indexOf(ssrc));
      }
      return [...heard].sort();
    },
  };
}
