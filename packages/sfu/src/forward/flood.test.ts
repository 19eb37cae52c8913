/** Publishers whose every packet would have all their subscribers thought about, or written to, again. */
import { expect, test } from "vitest";
import { ascii, rtp, senderReportPacket, vp8 } from "../../test/packets.ts";
import { Stage } from "../../test/stage.ts";
import { isRtcp, uint32 } from "../rtp/header.ts";

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
  for (let count = 0; count < 5_000; count += 1) {
    const [ssrc, sequence] = next(count);
    send(ssrc, true, sequence);
    rings.add(publication.layers.get("")?.ring);
    stage.advance(1);
  }
  expect(rings.size).toBeGreaterThan(2);
  expect(rings.size).toBeLessThanOrEqual(7);
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
    for (let each = 0; each < 50; each += 1) stage.receive("pub", senderReportPacket(1, count, each, count));
    stage.advance(1);
  }
  expect(reports()).toHaveLength(5);
  send(2);
  stage.receive("pub", senderReportPacket(2, 7, 7, 7));
  const [report] = reports();
  expect(report && uint32(report, 8)).toBe(7);
});
