import { once } from "node:events";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { expect, test } from "vitest";
import { WebSocket, WebSocketServer } from "ws";
import { Frames } from "./frame.ts";

test("frames of every size are read by a WebSocket client as the text they were made of", async () => {
  const texts = [0, 1, 125, 126, 65_534, 65_535, 65_536, 200_000].map((length) => "x".repeat(length));
  // The second is as long as the first, and another; the last has more bytes than characters.
  texts.push("ab", "cd", "cd", "é€😀".repeat(20_000));
  const server = new WebSocketServer({ port: 0, host: "127.0.0.1" });
  await once(server, "listening");
  const frames = new Frames();
  server.on("connection", (_, request) => {
    const raw: Duplex = request.socket;
    for (const text of texts) raw.write(frames.of(text));
  });
  const client = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`);
  const received: string[] = [];
  client.on("message", (data) => received.push(data.toString()));
  await expect.poll(() => received.length).toBe(texts.length);
  expect(received).toEqual(texts);
  client.terminate();
  server.close();
});
