/** Publishers whose every packet would have all their subscribers thought about, or written to, again. */
import { expect, test, vi } from "vitest";
import { ascii, rtp, senderReportPacket, vp8 } from "../../test/packets.ts";
import { Stage } from "../../test/stage.ts";
import { isRtcp, uint32 } from "../rtp/header.ts";
import { Publication } from "./publication.ts";

const mid = { id: 4, data: ascii("0") };

function call() {
  const stage = new Stage();
  const publication = stage.publish("pub");
  stage.connect("sub");
  stage.subscribe("sub", publication);
  let sequence = 0;
  const send = (ssrc: number, key = true, number = ++sequence) => {
    const fields = { ssrc, sequence: number & 0xffff, timestamp: number * 3_000, marker: true, extensions: [mid] };
    stage.receive("pub", rtp({ ...fields, payload: vp8({ key }) }));
  };
  const media = () => stage.sentTo("sub").filter((packet) => !isRtcp(packet));
  const reports = () => stage.sentTo("sub").filter((packet) => packet[1] === 200);
  return { stage, publication, send, media, reports };
}

test.each([
  ["its SSRC", (count: number) => [1 + (count & 1), count] as const],
  ["its numbers", (count: number) => [1, count + ((count >> 1) & 1) * 30_000] as const],
])("a publisher that changes %s all the time begins anew once a second", (_, next) => {
  const { stage, publication, send } = call();
  const rings = new Set<unknown>();
  for (let count = 0; count < 3_000; count += 1) {
    const [ssrc, sequence] = next(count);
    send(ssrc, true, sequence);
    rings.add(publication.layers.get("")?.ring);
    stage.advance(1);
  }
  expect(rings.size).toBeGreaterThan(2);
  expect(rings.size).toBeLessThanOrEqual(5);
});

test("one that changes its SSRC is received at once, and what is late of the one before changes nothing", () => {
  const { stage, send, media } = call();
  send(1);
  send(1, false);
  send(2);
  send(1, false, 2);
  send(2, false);
  expect(media()).toHaveLength(4);
  stage.advance(1_000);
  send(3);
  expect(media()).toHaveLength(1);
});

test("sender reports that come all the time are told of five times a second, and at once of an SSRC that is new", () => {
  const { stage, send, reports } = call();
  send(1);
  for (let count = 0; count < 1_000; count += 1) {
    for (let each = 0; each < 5; each += 1) stage.receive("pub", senderReportPacket(1, count, each, count));
    stage.advance(1);
  }
  expect(reports()).toHaveLength(5);
  send(2);
  stage.receive("pub", senderReportPacket(2, 7, 7, 7));
  const [report] = reports();
  expect(report && uint32(report, 8)).toBe(7);
});

test("two hundred tracks that owe a keyframe cost the packets of others nothing, and are asked for it all the same", () => {
  const { stage, send, media } = call();
  stage.connect("accomplice");
  for (let track = 0; track < 200; track += 1) {
    const session = `hostile${Math.floor(track / 10)}`;
    stage.subscribe("accomplice", stage.publish(session, { mid: `m${track}`, ssrcs: [track] }));
    stage.receive(session, rtp({ ssrc: track, sequence: 1, payload: vp8({ key: false }) }));
  }
  const asked = () =>
    [...Array(20).keys()].flatMap((each) => stage.sentTo(`hostile${each}`)).filter((packet) => packet[1] === 206);
  expect(asked()).toHaveLength(200);
  send(1);
  const asks = vi.spyOn(Publication.prototype, "nextDeadline");
  for (let count = 0; count < 100; count += 1) {
    send(1, false);
    stage.router.nextDeadline();
  }
  expect(asks.mock.calls.length).toBeLessThan(500);
  asks.mockRestore();
  expect(media()).toHaveLength(101);
  stage.advance(1_000);
  expect(asked()).toHaveLength(200);
});
