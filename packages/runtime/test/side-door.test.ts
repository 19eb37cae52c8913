import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { freeUdpPort } from "../../../scripts/ports.ts";
import { createSfu } from "../src/node/sfu.ts";
import { attribute, attributes, isSigned, messages, sign, typeOf, writeMappedAddress } from "../src/node/stun.ts";
import { Client, secret, type TestSfu } from "./rtc-client.ts";

const patience = { timeout: 10_000, interval: 10 };
const password = "0123456789abcdefghijkl";
let sfu: TestSfu;
let door: number;
let peer: Socket;
let answers: Buffer[];

beforeEach(async () => {
  door = await freeUdpPort();
  sfu = await startSfu(door);
  answers = [];
  peer = createSocket("udp4");
  peer.bind(0, "127.0.0.1");
  await once(peer, "listening");
  peer.on("message", (packet) => answers.push(packet));
});

afterEach(() => {
  peer.close();
  sfu.close();
});

/** RFC 5769 §2.1: a request with everything in it. */
const sample = Buffer.from(
  "000100582112a442b7e7a701bc34d686fa87dfae802200105354554e207465737420636c69656e74002400046e0001ff80290008932ff9b151263b36000600096576746a3a68367659202020000800149aeaa70cbfd8cb56781ef2b5b2d3f249c1b571a280280004e57a3bcf",
  "hex",
);

test("a message of the standard is read, its signature holds, and signing it anew changes nothing", () => {
  const key = "VOkJxbRl1RmTxUk/WvJxBt";
  expect(typeOf(sample)).toBe(messages.bindingRequest);
  expect(attribute(sample, attributes.username)?.toString()).toBe("evtj:h6vY");
  expect(isSigned(sample, key)).toBe(true);
  expect(isSigned(sample, `${key}x`)).toBe(false);
  expect(sign(sample, key).equals(sample)).toBe(true);
});

test("a mapped address is written as the standard has it", () => {
  // RFC 5769 §2.2: 192.0.2.1, port 32853.
  const value = Buffer.from("0001000000000000", "hex");
  writeMappedAddress(value, "192.0.2.1", 32_853);
  expect(value.toString("hex")).toBe("0001a147e112a643");
});

test("what is no STUN, or is cut anywhere, is nothing", () => {
  for (let length = 0; length < sample.length; length += 1) {
    const cut = sample.subarray(0, length);
    expect(typeOf(cut)).toBeUndefined();
    expect(isSigned(cut, password)).toBe(false);
    for (const type of Object.values(attributes)) attribute(cut, type);
  }
});

test("a check with a tie-breaker of zero is answered with the address it came from", async () => {
  const { ufrag, pwd } = await session();
  await vi.waitFor(() => {
    peer.send(check(ufrag, pwd, Buffer.alloc(8)), door, "127.0.0.1");
    expect(answers.some((packet) => typeOf(packet) === messages.bindingSuccess)).toBe(true);
  }, patience);
  const answer = answers.find((packet) => typeOf(packet) === messages.bindingSuccess) ?? Buffer.alloc(0);
  expect(isSigned(answer, pwd)).toBe(true);
  const mapped = attribute(answer, attributes.xorMappedAddress);
  expect((mapped?.readUInt16BE(2) ?? 0) ^ 0x2112).toBe(peer.address().port);
});

test("nobody else is answered: other tie-breakers, forged signatures, unknown sessions, garbage", async () => {
  const { ufrag, pwd } = await session();
  const zero = Buffer.alloc(8);
  for (const packet of [
    check(ufrag, pwd, Buffer.alloc(8, 7)),
    check(ufrag, `${pwd}x`, zero),
    check("unknown", pwd, zero),
    Buffer.alloc(0),
    Buffer.alloc(100, 0x80),
    sample,
  ]) {
    peer.send(packet, door, "127.0.0.1");
  }
  // The right one comes last and is answered, so the others were heard before it.
  await vi.waitFor(() => {
    peer.send(check(ufrag, pwd, zero, 9), door, "127.0.0.1");
    expect(answers.some((packet) => typeOf(packet) === messages.bindingSuccess)).toBe(true);
  }, patience);
  const replies = answers.filter((packet) => typeOf(packet) !== messages.bindingRequest);
  expect(replies.every((packet) => packet[19] === 9)).toBe(true);
});

test("a peer that can use the media port never comes through here", async () => {
  const client = await Client.create(sfu);
  await client.push("camera", 77);
  await vi.waitFor(() => expect(client.state).toBe("connected"), patience);
  client.close();
  expect(sfu.errors).toEqual([]);
});

async function startSfu(sideDoor: number): Promise<TestSfu> {
  const errors: unknown[] = [];
  const port = await freeUdpPort();
  const started = await createSfu({
    apps: [{ id: "app", secret }],
    media: { port, sideDoor, bindAddress: "127.0.0.1", advertise: undefined },
    onError: (error) => errors.push(error),
  });
  const call: TestSfu["call"] = async (method, path, body) => {
    const headers = { authorization: `Bearer ${secret}` };
    const init = { method, headers, ...(body !== undefined && { body: JSON.stringify(body) }) };
    const response = await started.fetch(new Request(`http://sfu/apps/app/${path}`, init));
    return { status: response.status, json: (await response.json()) as Awaited<ReturnType<TestSfu["call"]>>["json"] };
  };
  const session = async () => (await call("POST", "sessions/new")).json.sessionId ?? "";
  return { ...started, port, errors, call, session };
}

/** A session that waits for its peer, as its answer describes it. */
async function session() {
  const id = await sfu.session();
  const sdp = [
    "v=0",
    "o=- 1 2 IN IP4 127.0.0.1",
    "s=-",
    "t=0 0",
    "m=audio 9 UDP/TLS/RTP/SAVPF 111",
    "c=IN IP4 0.0.0.0",
    "a=mid:0",
    "a=sendonly",
    "a=rtpmap:111 opus/48000/2",
    "a=ice-ufrag:peer",
    `a=ice-pwd:${password}`,
    `a=fingerprint:sha-256 ${Array.from({ length: 32 }, () => "AB").join(":")}`,
    "a=setup:actpass",
    "",
  ].join("\r\n");
  const { json } = await sfu.call("POST", `sessions/${id}/tracks/new`, {
    autoDiscover: true,
    sessionDescription: { type: "offer", sdp },
  });
  const answer = json.sessionDescription?.sdp ?? "";
  expect(answer).toContain(` ${door} typ host`);
  return { ufrag: /a=ice-ufrag:(\S+)/.exec(answer)?.[1] ?? "", pwd: /a=ice-pwd:(\S+)/.exec(answer)?.[1] ?? "" };
}

function check(ufrag: string, pwd: string, tieBreaker: Buffer, transaction = 1): Buffer {
  const header = Buffer.alloc(20);
  header.writeUInt16BE(messages.bindingRequest, 0);
  header.writeUInt32BE(0x2112a442, 4);
  header[19] = transaction;
  const parts = [
    attributeOf(attributes.username, Buffer.from(`${ufrag}:peer`)),
    attributeOf(attributes.controlling, tieBreaker),
    attributeOf(0x0024, Buffer.from([0x6e, 0, 1, 0xff])),
    attributeOf(attributes.integrity, Buffer.alloc(20)),
  ];
  return sign(Buffer.concat([header, ...parts]), pwd);
}

function attributeOf(type: number, value: Buffer): Buffer {
  const head = Buffer.alloc(4);
  head.writeUInt16BE(type, 0);
  head.writeUInt16BE(value.length, 2);
  return Buffer.concat([head, value, Buffer.alloc((4 - (value.length & 3)) & 3)]);
}
