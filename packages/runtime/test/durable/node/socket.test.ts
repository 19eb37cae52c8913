import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { Actor, type Closing, type Socket } from "@satsuma/durable";
import { joinSocket, Store } from "@satsuma/runtime/node/durable";
import { expect } from "vitest";
import { WebSocket, WebSocketServer } from "ws";
import { test } from "./temporary.ts";

class Echo extends Actor {
  static readonly closings: Closing[] = [];

  override connect(socket: Socket): void {
    socket.send(`hello ${JSON.stringify(socket.detail)}`);
  }

  override message(socket: Socket, data: string | Uint8Array): void {
    if (data === "bye") socket.close(4002, "bye");
    else socket.send(data);
  }

  override close(_socket: Socket, why: Closing): void {
    Echo.closings.push(why);
  }
}

test("[G1] a WebSocket reaches its actor and the actor it, text and bytes, to the close", async ({ directory }) => {
  const store = Store.open({ directory });
  const echoes = store.namespace("echoes", Echo, undefined);
  const server = new WebSocketServer({ port: 0, host: "127.0.0.1" });
  await once(server, "listening");
  server.on("connection", (socket) => joinSocket(socket, echoes.get("one"), { who: "ada" }));
  const client = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`);
  const received: unknown[] = [];
  client.on("message", (data: Buffer, isBinary) => received.push(isBinary ? [...data] : data.toString()));
  await once(client, "open");
  client.send("text");
  client.send(new Uint8Array([1, 2, 3]));
  client.send("bye");
  const [code, reason] = await once(client, "close");
  expect(received).toEqual(['hello {"who":"ada"}', "text", [1, 2, 3]]);
  expect([code, String(reason)]).toEqual([4002, "bye"]);
  await expect.poll(() => Echo.closings).toEqual([{ code: 4002, reason: "bye" }]);
  server.close();
  await store.close();
});
