import { beforeEach, expect, test } from "vitest";
import { Bench, microphone, welcomed } from "../../test/bench.ts";

const welcome = welcomed(0);
let bench: Bench;
beforeEach(() => {
  bench = new Bench();
  bench.join();
});

test("what the room took back has ended at the media server, and is not told again but as something new", () => {
  bench.do({ input: "announce", tracks: [microphone] });
  bench.published(microphone);
  bench.snapshot(3, []);
  expect(bench.effects.at(-1)).toEqual({ effect: "taken", names: ["a"] });
  expect(bench.commands()).toHaveLength(1);
  bench.do({ input: "announce", tracks: [{ ...microphone, name: "b" }] });
  expect(bench.commands().at(-1)).toMatchObject({ do: "publish", tracks: [{ name: "b" }] });
});

test("also what was told on a socket that was lost, and taken back before the return", () => {
  const lose = () => {
    bench.close();
    bench.pass(1000);
    bench.do({ input: "opened", socket: bench.socket });
    bench.hear(welcome);
  };
  bench.do({ input: "announce", tracks: [microphone] });
  lose();
  const published = { change: "published", id: "me", track: microphone } as const;
  const unpublished = { change: "unpublished", id: "me", name: "a" } as const;
  bench.hear({ type: "delta", after: 1, version: 3, changes: [published, unpublished] });
  expect(bench.effects).toContainEqual({ effect: "taken", names: ["a"] });
  bench.hear({ type: "ack", id: 2, version: 3 });
  bench.do({ input: "announce", tracks: [{ ...microphone, name: "b" }] });
  lose();
  bench.snapshot(9, []);
  expect(bench.effects).toContainEqual({ effect: "taken", names: ["b"] });
});

test("what was taken back by oneself is not taken by the room", () => {
  bench.do({ input: "announce", tracks: [microphone] });
  const published = { change: "published", id: "me", track: microphone } as const;
  bench.hear({ type: "delta", after: 1, version: 2, changes: [published] });
  bench.hear({ type: "ack", id: 1, version: 2 });
  bench.do({ input: "announce", tracks: [] });
  bench.hear({ type: "delta", after: 2, version: 3, changes: [{ change: "unpublished", id: "me", name: "a" }] });
  expect(bench.done).not.toContain("taken");
});
