/** What the other end of a line may ask for: bounded, shared among apps, and never the end of the process. */
import { expect, test } from "vitest";
import type { Publication } from "../forward/publication.ts";
import type { Router } from "../forward/router.ts";
import { type FrameHead, headerBytes, type Kind, kinds, writeHead } from "./frame.ts";
import { Home } from "./home.ts";
import { type Address, writeJson } from "./line.ts";

function open(source: (address: Address) => Promise<Publication | undefined>) {
  const said: FrameHead[] = [];
  const complaints: unknown[] = [];
  let ids = 0;
  const line = {
    waiting: 0,
    send: (head: FrameHead) => void said.push(head),
    close: () => {},
    complain: (error: unknown) => void complaints.push(error),
  };
  const home = new Home(line, {
    source,
    channels: { subscribe: () => true, allow: () => {}, deliver: () => {}, unsubscribe: () => {} },
    changed: () => {},
    closed: () => {},
    newId: () => `pipe:${++ids}`,
    router: {} as Router,
    now: () => 0,
    random32: () => 1,
  });
  const ask = (kind: Kind, stream: number, appId: string) => {
    const body = kind === kinds.stop ? new Uint8Array(0) : writeJson({ app: appId, session: "s", name: `${stream}` });
    const frame = new Uint8Array(headerBytes + body.length);
    writeHead(frame, { kind, stream, layer: 0 }, body.length);
    frame.set(body, headerBytes);
    home.received(frame);
  };
  const settled = () => new Promise((resolve) => setImmediate(resolve));
  return { home, said, complaints, ask, settled };
}

test("an app that asks for all that there is has half of it, and every other app finds some", async () => {
  const { said, ask } = open(() => new Promise(() => {}));
  for (let stream = 0; stream < 25_000; stream += 1) ask(stream % 2 ? kinds.pull : kinds.channel, stream, "greedy");
  expect(said.filter(({ kind }) => kind === kinds.refused)).toHaveLength(15_000);
  said.length = 0;
  for (const [index, app] of ["one", "two", "three"].entries()) ask(kinds.pull, 30_000 + index, app);
  expect(said).toEqual([]);
  // What it gives back it may have again.
  ask(kinds.stop, 0, "greedy");
  ask(kinds.stop, 1, "greedy");
  for (const stream of [40_000, 40_001, 40_002]) ask(kinds.channel, stream, "greedy");
  expect(said.map(({ kind }) => kind)).toEqual([kinds.begun, kinds.refused, kinds.refused]);
});

test("a track that is not there takes no share", async () => {
  const { said, ask, settled } = open(async () => undefined);
  for (let round = 0; round < 3; round += 1) {
    for (let stream = 0; stream < 9_000; stream += 1) ask(kinds.pull, stream, "app");
    await settled();
  }
  expect(said).toHaveLength(27_000);
  ask(kinds.channel, 1, "app");
  expect(said.at(-1)?.kind).toBe(kinds.begun);
});

test.each([
  ["cannot be found for an error of ours", async () => Promise.reject(new Error("broken"))],
  ["cannot be described", async () => ({ extensions: undefined }) as unknown as Publication],
])("a track that %s is over, and the error told", async (_, source) => {
  const { said, complaints, ask, settled } = open(source);
  ask(kinds.pull, 7, "app");
  await settled();
  expect(said).toEqual([{ kind: kinds.ended, stream: 7, layer: 0 }]);
  expect(complaints).toEqual([expect.any(Error)]);
});
