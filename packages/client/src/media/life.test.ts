import { expect, test } from "vitest";
import { type ConnectionState, isLegal, Life } from "./life.ts";

const states: readonly ConnectionState[] = ["new", "connecting", "connected", "disconnected", "failed", "closed"];

/** A shortest way from new to each state. */
const routes: Record<ConnectionState, readonly ConnectionState[]> = {
  new: [],
  connecting: ["connecting"],
  connected: ["connecting", "connected"],
  disconnected: ["connecting", "connected", "disconnected"],
  failed: ["connecting", "failed"],
  closed: ["closed"],
};

function at(state: ConnectionState): Life {
  const life = new Life();
  for (const step of routes[state]) life.enter(step, "attempt", 0);
  return life;
}

const pairs = states.flatMap((from) => states.filter((to) => to !== from).map((to) => [from, to] as const));

test.each(pairs)("%s to %s is gone exactly where it is drawn, and remembered", (from, to) => {
  const life = at(from);
  const before = life.history.length;
  if (isLegal(from, to)) {
    life.enter(to, "up", 7);
    expect(life.state).toBe(to);
    expect(life.history.at(-1)).toEqual({ from, to, at: 7, cause: "up" });
  } else {
    expect(() => life.enter(to, "up", 7)).toThrow(`from ${from} to ${to}`);
    expect(life.state).toBe(from);
    expect(life.history).toHaveLength(before);
  }
});

test("what is said again is no transition", () => {
  const life = at("connected");
  life.enter("connected", "up", 1);
  expect(life.history).toHaveLength(2);
});

test("a long life is remembered from its end", () => {
  const life = new Life();
  for (let round = 0; round < 100; round += 1) {
    life.enter("connecting", "attempt", round);
    life.enter("failed", "transport-failed", round);
  }
  expect(life.history).toHaveLength(64);
  expect(life.history.at(-1)?.at).toBe(99);
});
