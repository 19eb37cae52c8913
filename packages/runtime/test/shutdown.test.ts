/** The end of a room server while peers misbehave: it neither waits for them nor takes new ones. */
import { connect, type Socket } from "node:net";
import { allowing } from "@satsuma/testkit";
import { expect, onTestFinished, test } from "vitest";
import { type Host, Member, startHost } from "./host.ts";

/** Asks for a WebSocket and never closes its own side. Resolves with the first bytes of the answer. */
async function knock(host: Host, path: string): Promise<{ readonly peer: Socket; readonly answer: string }> {
  const peer = connect({ port: Number(new URL(host.url).port), host: "127.0.0.1", allowHalfOpen: true });
  onTestFinished(() => void peer.destroy());
  peer.on("error", () => {});
  const head = `GET ${path} HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n`;
  peer.write(`${head}Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n`);
  const answer = await new Promise<string>((resolve) => peer.once("data", (bytes) => resolve(bytes.toString())));
  return { peer, answer };
}

test("a refused peer that keeps its side open does not keep the server", async () => {
  const host = await startHost();
  const { answer } = await knock(host, "/nowhere");
  expect(answer).toMatch(/^HTTP\/1\.1 404 /);
  const began = performance.now();
  await host.close();
  expect(performance.now() - began).toBeLessThan(allowing(1_000));
});

test("whoever comes back while the server stops is refused by code, and the end comes in time", async () => {
  const host = await startHost();
  // It answers no close, so that the server waits for its patience to end.
  await knock(host, "/rooms/r");
  const member = await Member.join(host, "r", "Ann");
  const began = performance.now();
  const ended = host.close();
  expect(await member.closed).toMatchObject({ reason: "shutting-down" });
  const { answer } = await knock(host, "/rooms/r");
  expect(answer).toMatch(/^HTTP\/1\.1 503 /);
  expect(answer).toContain('"code":"shutting-down"');
  await ended;
  expect(performance.now() - began).toBeLessThan(allowing(1_000));
});
