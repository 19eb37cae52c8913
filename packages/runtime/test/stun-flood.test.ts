/** STUN that is well made and comes from nobody: what a flood of it costs those who are in a call, and whom it answers. */
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { afterEach, expect, test, vi } from "vitest";
import { attributes, messages, sign } from "../src/node/stun.ts";
import { Client, isMedia, startSfu, type TestSfu, videoPacket } from "./rtc-client.ts";

const patience = { timeout: 20_000, interval: 10 };
const requests = 10_000;
const open: { close(): void }[] = [];

afterEach(() => {
  for (const each of open.splice(0).reverse()) each.close();
});

test.each([
  ["for sessions that do not exist", async () => "nobody"],
  ["for a session that waits for its peer, signed with a wrong password", ufragOfInvited],
])("a flood of binding requests %s harms nobody, and is answered with less than it sent", async (_, ufragIn) => {
  const sfu = await startSfu();
  open.push(sfu);
  const publisher = await client(sfu);
  await publisher.push("camera", 77);
  const subscriber = await subscribe(sfu, publisher);
  await goesOn(publisher, subscriber);
  const ufrag = await ufragIn(sfu);

  const before = process.memoryUsage().rss;
  const socket = createSocket("udp4");
  let [sent, answered] = [0, 0];
  socket.on("message", ({ length }) => (answered += length));
  for (let count = 0; count < requests; count += 1) {
    const request = bindingRequest(`${ufrag}:${count}`, count);
    sent += request.length;
    await new Promise<void>((resolve, reject) => {
      socket.send(request, sfu.port, "127.0.0.1", (error) => (error ? reject(error) : resolve()));
    });
  }

  await goesOn(publisher, subscriber);
  await subscribe(sfu, publisher);
  expect(answered).toBeLessThan(sent);
  expect(process.memoryUsage().rss - before).toBeLessThan(100 * 2 ** 20);
  expect(sfu.errors).toEqual([]);
  socket.close();
  await once(socket, "close");
});

async function client(sfu: TestSfu): Promise<Client> {
  const created = await Client.create(sfu);
  open.push(created);
  return created;
}

async function subscribe(sfu: TestSfu, publisher: Client): Promise<Client> {
  const subscriber = await client(sfu);
  await subscriber.pull(publisher.session, "camera");
  await vi.waitFor(() => expect([publisher.state, subscriber.state]).toEqual(["connected", "connected"]), patience);
  return subscriber;
}

/** Five more packets arrive. */
async function goesOn(from: Client, to: Client): Promise<void> {
  const heard = to.received.filter(isMedia).length;
  let sequence = heard + 10;
  await vi.waitFor(() => {
    from.send(videoPacket(77, sequence, true, new Uint8Array(500)));
    sequence += 1;
    expect(to.received.filter(isMedia).length).toBeGreaterThanOrEqual(heard + 5);
  }, patience);
}

/** The user name of a transport that was offered and that nobody has answered. */
async function ufragOfInvited(sfu: TestSfu): Promise<string> {
  const tracks = [{ location: "local", trackName: "voice", kind: "audio" }];
  const { json } = await sfu.call("POST", `sessions/${await sfu.session()}/tracks/new`, { tracks });
  const ufrag = /a=ice-ufrag:(\S+)/.exec(json.sessionDescription?.sdp ?? "")?.[1];
  if (ufrag === undefined) throw new Error("The offer has no ufrag.");
  return ufrag;
}

/** As an ICE agent makes them (RFC 8445 §7.1.1), with a password of the sender's own. */
function bindingRequest(username: string, transaction: number): Buffer {
  const name = Buffer.from(username);
  const padded = (name.length + 3) & ~3;
  const message = Buffer.alloc(20 + 4 + padded + 24);
  message.writeUInt16BE(messages.bindingRequest, 0);
  message.writeUInt16BE(message.length - 20, 2);
  message.writeUInt32BE(0x2112a442, 4);
  message.writeUInt32BE(transaction, 16);
  message.writeUInt16BE(attributes.username, 20);
  message.writeUInt16BE(name.length, 22);
  name.copy(message, 24);
  message.writeUInt16BE(attributes.integrity, 24 + padded);
  message.writeUInt16BE(20, 26 + padded);
  return sign(message, "a-password-of-the-sender");
}
