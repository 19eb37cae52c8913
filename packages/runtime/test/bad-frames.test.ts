import { connect } from "node:net";
import { type Command, limits } from "@satsuma/protocol";
import { SignJWT, UnsecuredJWT } from "jose";
import { afterAll, beforeAll, expect, test } from "vitest";
import { WebSocket } from "ws";
import { askRoom } from "../src/rooms/ask.ts";
import { type Host, Member, present, startHost } from "./host.ts";

let host: Host;
let witness: Member;

beforeAll(async () => {
  host = await startHost({ room: { messageBurst: 1_000 } });
  witness = await Member.join(host, "r", "Witness");
});
afterAll(() => host.close());

let visitors = 0;

/** Another member's socket still works both ways, and newcomers are let in. */
async function expectUnharmed(): Promise<void> {
  visitors += 1;
  const visitor = await Member.join(host, "r", `Visitor ${visitors}`);
  await witness.sees(`Visitor ${visitors}`, "connected");
  expect(await witness.command({ do: "rename", name: "Witness" })).toMatchObject({ type: "ack" });
  await visitor.command({ do: "leave" });
  await witness.sees(`Visitor ${visitors}`, "gone");
}

test.each([
  ["no JSON", "{", "bad-message"],
  ["nothing", "", "bad-message"],
  ["no object", "[1]", "bad-message"],
  ["no type", "{}", "bad-message"],
  ["an unknown type", '{"type":"dance"}', "unknown-command"],
  ["an unknown command", '{"type":"command","id":9000,"command":{"do":"fly"}}', "unknown-command"],
  ["a missing field", '{"type":"command","id":9001,"command":{"do":"mute","name":"mic"}}', "bad-message"],
  ["a name of the wrong type", '{"type":"command","id":9002,"command":{"do":"rename","name":7}}', "bad-message"],
  ["a negative id", '{"type":"command","id":-1,"command":{"do":"leave"}}', "bad-message"],
  ["a prototype", '{"type":"ping","__proto__":{"x":1}}', "bad-message"],
  ["ten thousand brackets", "[".repeat(10_000), "bad-message"],
])("a frame that holds %s is refused by code, and the socket goes on", async (_, frame, code) => {
  const member = await Member.join(host, "r", "Odd");
  member.send(frame);
  expect(await member.error(code)).toMatchObject({ type: "error", code, retry: false });
  expect(await member.command({ do: "rename", name: "Even" })).toMatchObject({ type: "ack" });
  await member.command({ do: "leave" });
  await expectUnharmed();
});

test("a binary frame is refused by code, and the socket goes on", async () => {
  const member = await Member.join(host, "r", "Binary");
  member.send(Buffer.from('{"type":"ping"}'));
  await member.error("bad-message");
  expect(await member.command({ do: "leave" })).toMatchObject({ type: "ack" });
  await expectUnharmed();
});

test("a frame larger than a message may be ends its connection by code", async () => {
  const member = await Member.join(host, "r", "Large");
  member.send("x".repeat(limits.messageBytes + 1));
  await member.error("too-large");
  expect(await member.closed).toEqual({ code: 1009, reason: "too-large" });
  await expectUnharmed();
});

test("a large frame in many small fragments ends its connection too", async () => {
  const member = await Member.join(host, "r", "Fragments");
  for (let count = 0; count < 70; count++) member.peer.send("x".repeat(1_000), { fin: false });
  expect(await member.closed).toEqual({ code: 1009, reason: "too-large" });
  await expectUnharmed();
});

test("a message of nothing but empty fragments ends its connection by code", async () => {
  const member = await Member.open(host, "r");
  for (let count = 0; count < 140_000; count++) member.peer.send("", { fin: false });
  expect(await member.closed).toEqual({ code: 1008, reason: "too-large" });
  await expectUnharmed();
});

test("text that is not UTF-8 ends its connection by code", async () => {
  const member = await Member.join(host, "r", "Latin");
  member.peer.send(Buffer.from([0xc3, 0x28]), { binary: false });
  await member.error("bad-message");
  expect(await member.closed).toEqual({ code: 1007, reason: "bad-message" });
  await expectUnharmed();
});

test.each(['{"type":"command","id":1,"command":{"do":"leave"}}', '{"type":"ping"}', '{"type":"resync"}'])(
  "%s before the hello is refused and closed",
  async (frame) => {
    const member = await Member.open(host, "r");
    member.send(frame);
    await member.error("hello-first");
    expect(await member.closed).toEqual({ code: 4401, reason: "hello-first" });
    await expectUnharmed();
  },
);

test("a socket that never says hello is closed", async () => {
  const hasty = await startHost({ room: { helloWithin: 50 } });
  const member = await Member.open(hasty, "r");
  await member.error("hello-late");
  expect(await member.closed).toEqual({ code: 4408, reason: "hello-late" });
  expect(await present(hasty, "r")).toEqual([]);
  await hasty.close();
});

test("a hello of another protocol version is refused and closed", async () => {
  const member = await Member.open(host, "r");
  member.send({ type: "hello", protocols: [99], client: "c", token: witness.token });
  expect(await member.closed).toEqual({ code: 4426, reason: "unsupported-protocol" });
  await expectUnharmed();
});

const claims = { room: "r", participant: "p", name: "Mallory" };
const hour = 3600;
const forged: [string, () => Promise<string> | string][] = [
  ["is no token", () => "hello"],
  ["is empty", () => ""],
  [
    "has no signature (alg none)",
    () => new UnsecuredJWT(claims).setSubject("i").setIssuedAt().setExpirationTime("1h").encode(),
  ],
  ["is signed with another key", () => sign(claims, Buffer.alloc(32, 1))],
  ["is signed with another algorithm and our key", () => sign(claims, host.key, "HS512")],
  ["is of another room", async () => (await host.tokens.issue("elsewhere", "Mallory")).token],
  ["has expired", () => sign(claims, host.key, "HS256", -hour)],
  ["says nothing of a participant", () => sign({ room: "r", name: "Mallory" }, host.key)],
  ["has a tampered payload", () => tamper(witness.token)],
  ["has a tampered signature", () => `${witness.token.slice(0, -4)}AAAA`],
];

test.each(forged)("a hello whose token %s is refused and closed", async (_, make) => {
  const member = await Member.open(host, "r");
  member.send({ type: "hello", protocols: [2], client: "c", token: await make() });
  await member.error("bad-token");
  expect(await member.closed).toEqual({ code: 4402, reason: "bad-token" });
  expect(witness.view?.participants.some(({ name }) => name === "Mallory")).toBe(false);
  await expectUnharmed();
});

test("more messages than the rate allows are refused, and who keeps on is closed", async () => {
  const hasty = await Member.join(host, "r", "Hasty");
  for (let count = 0; count < 2_100; count++) hasty.send({ type: "ping" });
  await hasty.error("too-many-requests");
  expect(await hasty.closed).toEqual({ code: 4429, reason: "too-many-requests" });
  await expectUnharmed();
});

test.each([
  ["/", 404, "not-found"],
  ["/rooms/", 404, "not-found"],
  ["/rooms/a/b", 404, "not-found"],
  ["/rooms/%ZZ", 400, "bad-message"],
  ["/rooms/%00", 400, "bad-message"],
  [`/rooms/${"x".repeat(129)}`, 400, "bad-message"],
])("an upgrade at %s is refused with status %i", async (path, status, code) => {
  const peer = new WebSocket(`${host.url.replace("http", "ws")}${path}`);
  const answer = await new Promise<{ status: number | undefined; body: string }>((resolve, reject) => {
    peer.on("unexpected-response", async (_, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of response) chunks.push(chunk);
      resolve({ status: response.statusCode, body: Buffer.concat(chunks).toString() });
    });
    peer.on("open", () => reject(new Error("the upgrade was let through")));
    peer.on("error", () => {});
  });
  expect(answer.status).toBe(status);
  expect(JSON.parse(answer.body)).toMatchObject({ code, retry: false });
  await expectUnharmed();
});

test("bytes that are no WebSocket frame end their connection and nothing else", async () => {
  const { port } = new URL(host.url);
  const raw = connect(Number(port), "127.0.0.1");
  const handshake = "GET /rooms/r HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n";
  raw.write(`${handshake}Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n`);
  await new Promise((resolve) => raw.once("data", resolve));
  raw.write(Buffer.alloc(1_000, 0xff));
  await new Promise((resolve) => raw.once("close", resolve));
  await expectUnharmed();
});

function sign(payload: object, key: Uint8Array, alg = "HS256", expiresIn = hour): Promise<string> {
  const issued = Math.floor(Date.now() / 1000);
  return new SignJWT({ ...payload })
    .setProtectedHeader({ alg, typ: "JWT" })
    .setSubject("i")
    .setIssuedAt(issued)
    .setExpirationTime(issued + expiresIn)
    .sign(key);
}

function tamper(token: string): string {
  const [header, payload, signature] = token.split(".");
  const changed = JSON.parse(Buffer.from(payload ?? "", "base64url").toString());
  const written = Buffer.from(JSON.stringify({ ...changed, name: "Mallory" })).toString("base64url");
  return [header, written, signature].join(".");
}

test.each([
  ["a key", { do: "set", key: "half \ud83d", value: 1 }],
  ["a prefix", { do: "watch", prefix: "half \ud83d" }],
  ["an identity", { do: "ban", identity: "half \ud83d" }],
  ["an attribute", { do: "describe", attributes: { "half \ud83d": "x" } }],
  ["a name", { do: "rename", name: "half \ud83d" }],
])("%s with half of a surrogate pair is refused by code: no storage could tell it from another", async (_, command) => {
  const { token } = await host.tokens.issue("r", "Half", { role: "host" });
  const member = await Member.join(host, "r", "Half", token);
  expect(await member.command(command as Command)).toMatchObject({ type: "error", code: "bad-message" });
  await member.command({ do: "leave" });
  await expectUnharmed();
});

test("[RM53] what cannot be stored is not acknowledged, whoever asks for it: the room begins anew from what is stored", async () => {
  const own = await startHost();
  const ann = await Member.join(own, "own", "Ann");
  await ann.command({ do: "set", key: "kept", value: 1 });
  const order = { do: "ban", identity: "half \ud83d" } as const;
  const room = own.server.rooms.get("own");
  expect(await askRoom(room, "order", { by: "nobody", order })).toMatchObject({ ok: false });
  expect(own.logged.filter(({ event }) => event === "room failed")).toHaveLength(1);
  expect(await ann.closed).toMatchObject({ reason: "internal" });
  const back = await Member.join(own, "own", "Ann", ann.token);
  expect(await back.command({ do: "watch", prefix: "" })).toMatchObject({ result: { entries: [{ key: "kept" }] } });
  expect(await askRoom(room, "order", { by: "nobody", order: { do: "list-bans", limit: 10 } })).toMatchObject({
    result: { bans: [] },
  });
  await own.close();
});
