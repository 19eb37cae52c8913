import fc from "fast-check";
import { expect, test } from "vitest";
import type { TransportState } from "../transport.ts";
import { begin, deadlineOf, elapsed, transportChanged } from "./lifetime.ts";

const limits = { unconnected: 60, disconnected: 30 };

test("a session that never connects ends at its deadline and not before", () => {
  const lifetime = begin(100, limits);
  expect(deadlineOf(lifetime)).toBe(160);
  expect(elapsed(lifetime, 159).state).toBe("new");
  expect(elapsed(lifetime, 160).state).toBe("ended");
});

test("losing the peer before it was ever there does not prolong the wait", () => {
  const lifetime = transportChanged(begin(100, limits), "disconnected", 150, limits);
  expect(deadlineOf(lifetime)).toBe(160);
});

test("a connected session has no deadline, a disconnected one a new one, and returning clears it", () => {
  const connected = transportChanged(begin(0, limits), "connected", 10, limits);
  expect(deadlineOf(connected)).toBeUndefined();
  const lost = transportChanged(connected, "disconnected", 1_000, limits);
  expect(deadlineOf(lost)).toBe(1_030);
  expect(elapsed(transportChanged(lost, "connected", 1_029, limits), 5_000).state).toBe("connected");
  expect(elapsed(lost, 1_030).state).toBe("ended");
});

test("nothing follows the end, and only the end is without return", () => {
  const states = fc.constantFrom<TransportState[]>("connecting", "connected", "disconnected", "closed");
  fc.assert(
    fc.property(fc.array(fc.tuple(states, fc.nat(100))), (changes) => {
      let lifetime = begin(0, limits);
      let now = 0;
      for (const [state, pause] of changes) {
        now += pause;
        const wasEnded = elapsed(lifetime, now).state === "ended";
        lifetime = transportChanged(elapsed(lifetime, now), state, now, limits);
        if (wasEnded || state === "closed") expect(lifetime.state).toBe("ended");
        else expect(lifetime.state).not.toBe("ended");
      }
    }),
  );
});
