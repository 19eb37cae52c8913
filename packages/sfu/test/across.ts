/** A call across two servers: what its publisher sends, and what its subscriber got. */
import { expect } from "vitest";
import { isRtcp, uint32 } from "../src/rtp/header.ts";
import type { OfferedLine } from "./descriptions.ts";
import { ascii, rtp, vp8 } from "./packets.ts";
import { Member, Servers } from "./servers.ts";
import type { Wire } from "./wire.ts";

export const camera: OfferedLine = { mid: "0", kind: "video" };
export const microphone: OfferedLine = { mid: "0", kind: "audio" };
export const layered: OfferedLine = {
  mid: "0",
  kind: "video",
  attributes: [
    "a=rtpmap:96 VP8/90000",
    "a=rtcp-fb:96 nack pli",
    "a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid",
    "a=extmap:10 urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id",
    "a=rid:a send",
    "a=rid:b send",
    "a=simulcast:send a;b",
  ],
  payloads: "96",
};

export let sequence = 0;

export function nextSequence(): number {
  sequence += 1;
  return sequence;
}

/** The next packet of a camera. */
export function picture(key: boolean, { rid = "", size = 100, mark = 0 } = {}): Uint8Array {
  sequence += 1;
  const extensions = [{ id: 4, data: ascii("0") }, ...(rid === "" ? [] : [{ id: 10, data: ascii(rid) }])];
  const ssrc = rid === "" ? 9 : 10 + rid.charCodeAt(0);
  const payload = Uint8Array.from([...vp8({ key }), ...new Uint8Array(size).fill(mark)]);
  return rtp({ ssrc, sequence: sequence & 0xffff, timestamp: sequence * 3_000, marker: true, extensions, payload });
}

export function media(wire: Wire | undefined): Uint8Array[] {
  return wire?.take().filter((packet) => !isRtcp(packet)) ?? [];
}

/** What a publisher was asked for keyframes of, by SSRC. */
export function keyframesAsked(wire: Wire | undefined): number[] {
  const asked = wire?.take().filter((packet) => packet[1] === 206 && ((packet[0] ?? 0) & 0x1f) === 1) ?? [];
  return asked.map((packet) => uint32(packet, 8));
}

/** A publisher at server 0 and a subscriber at server 1. */
export async function call(line: OfferedLine, simulcast?: { preferredRid: string }, limits = {}) {
  const servers = new Servers(2, limits);
  const publisher = await Member.at(servers.at(0));
  await publisher.push(line, "track");
  const subscriber = await Member.at(servers.at(1));
  expect(await subscriber.pull(publisher, "track", simulcast)).toBeUndefined();
  await servers.settle();
  return { servers, publisher, subscriber };
}
