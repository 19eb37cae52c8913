import type { Command } from "@satsuma/protocol";
import { beforeEach, expect, test } from "vitest";
import { Bench, welcomed } from "../../test/bench.ts";

const say: Command = { do: "say", text: "hello" };
let bench: Bench;
beforeEach(() => {
  bench = new Bench();
  bench.join();
});

function answers() {
  return bench.effects.flatMap((effect) => (effect.effect === "answered" ? [[effect.ask, effect.answer]] : []));
}

function commands() {
  return bench.sent.flatMap((message) => (message.type === "command" ? [message] : []));
}

test("a command is sent once and answered once, with what it brought", () => {
  bench.do({ input: "ask", ask: 7, command: say });
  const [sent] = commands();
  bench.hear({ type: "ack", id: sent?.id ?? 0, version: 4, result: { of: "say", seq: 2 } });
  bench.hear({ type: "ack", id: sent?.id ?? 0, version: 4 });
  expect(answers()).toEqual([[7, { ok: true, version: 4, result: { of: "say", seq: 2 } }]]);
});

test("a refusal is an answer", () => {
  bench.do({ input: "ask", ask: 7, command: say });
  bench.hear({ type: "error", id: commands()[0]?.id, code: "not-allowed", message: "No.", retry: false });
  expect(answers()).toEqual([[7, { ok: false, refusal: { code: "not-allowed", message: "No.", retry: false } }]]);
});

test("an answer that was lost with the socket comes after the return, under the same id", () => {
  bench.do({ input: "ask", ask: 1, command: say });
  bench.do({ input: "ask", ask: 2, command: { ...say, text: "there" } });
  bench.hear({ type: "ack", id: commands()[0]?.id ?? 0, version: 2 });
  const before = commands();
  bench.close();
  bench.pass(1_000);
  bench.do({ input: "opened", socket: bench.socket });
  bench.hear(welcomed(0));
  expect(commands().slice(before.length)).toEqual([before[1]]);
  bench.hear({ type: "ack", id: before[1]?.id ?? 0, version: 3 });
  expect(answers().map(([ask]) => ask)).toEqual([1, 2]);
});

test("without a connection commands wait, and more than can be waited for are refused at once", () => {
  bench.close();
  for (let ask = 1; ask <= 65; ask += 1) bench.do({ input: "ask", ask, command: say });
  expect(answers()).toMatchObject([[65, { ok: false, refusal: { code: "too-many-requests" } }]]);
});

test("when the room is over everything is answered", () => {
  bench.do({ input: "ask", ask: 1, command: say });
  bench.close("replaced");
  expect(answers()).toMatchObject([[1, { ok: false, refusal: { code: "not-a-member" } }]]);
});

test("signals are said when they change, and again on a new socket", () => {
  const signals = () => bench.sent.filter(({ type }) => type === "signal");
  bench.do({ input: "signal", signal: { speaking: true } });
  bench.do({ input: "signal", signal: { speaking: true } });
  bench.do({ input: "signal", signal: { quality: "poor" } });
  expect(signals()).toEqual([
    { type: "signal", speaking: true },
    { type: "signal", quality: "poor" },
  ]);
  bench.close();
  bench.do({ input: "signal", signal: { speaking: false } });
  bench.pass(1_000);
  bench.do({ input: "opened", socket: bench.socket });
  bench.hear(welcomed(0));
  expect(signals().slice(2)).toEqual([{ type: "signal", quality: "poor" }]);
});
