/** A line over a real socket whose reader hangs, or whose own side failed. */
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { connect, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test, vi } from "vitest";
import { listenOn, SocketLine, socketPath } from "./sockets.ts";

const open: (() => void)[] = [];
afterEach(() => {
  vi.useRealTimers();
  for (const close of open.splice(0).reverse()) close();
});

async function pair(): Promise<{ readonly near: Socket; readonly far: Socket }> {
  const folder = mkdtempSync(join(tmpdir(), "satsuma-line-"));
  const server = createServer();
  const path = socketPath(folder, "pipe", 0);
  await listenOn(server, path);
  const accepted = once(server, "connection");
  const near = connect(path);
  const [far] = (await accepted) as [Socket];
  far.pause();
  open.push(
    () => rmSync(folder, { recursive: true, force: true }),
    () => server.close(),
    () => far.destroy(),
    () => near.destroy(),
  );
  return { near, far };
}

const head = { kind: 18, stream: 1, layer: 0 } as const;

test("what a line still holds when it is closed arrives", async () => {
  const { near, far } = await pair();
  const line = new SocketLine(near, () => {});
  line.listen({ received: () => {}, drained: () => {}, closed: () => {} });
  for (let count = 0; count < 100; count += 1) line.send(head, new Uint8Array(10_000));
  line.close();
  let bytes = 0;
  far.on("data", (piece) => {
    bytes += piece.length;
  });
  far.resume();
  await once(far, "end");
  expect(bytes).toBe(100 * 10_010);
});

test("a line that is closed while its reader hangs is over after two seconds", async () => {
  const { near } = await pair();
  const line = new SocketLine(near, () => {});
  line.listen({ received: () => {}, drained: () => {}, closed: () => {} });
  for (let count = 0; count < 60; count += 1) line.send(head, new Uint8Array(60_000));
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  const closed = once(near, "close");
  line.close();
  vi.advanceTimersByTime(1_999);
  expect(near.destroyed).toBe(false);
  vi.advanceTimersByTime(1);
  expect(near.destroyed).toBe(true);
  await closed;
});

test("a line that failed takes what is sent before its end is told, and ends once", async () => {
  const { near, far } = await pair();
  const errors: unknown[] = [];
  const line = new SocketLine(near, (error) => errors.push(error));
  const sent = vi.fn(() => {
    for (let count = 0; count < 20; count += 1) line.send(head, new Uint8Array(10_000));
  });
  const ended = Promise.withResolvers<void>();
  line.listen({
    received: () => {
      // What the listener does next in the same turn, as a router that goes through its subscribers.
      queueMicrotask(sent);
      throw new Error("no frame");
    },
    drained: () => {},
    closed: () => ended.resolve(),
  });
  far.write("?");
  await ended.promise;
  expect(sent).toHaveBeenCalledOnce();
  expect(sent.mock.results).toEqual([{ type: "return", value: undefined }]);
  expect(errors).toHaveLength(1);
});
