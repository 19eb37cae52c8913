import fc from "fast-check";
import { expect, test } from "vitest";
import type { Device } from "./list.ts";
import {
  best,
  noPreference,
  type Order,
  prefer,
  preferenceBound,
  readPreference,
  refreshed,
  remember,
} from "./preference.ts";

const headset = { id: "h1", label: "Headset" };
const desk = { id: "d1", label: "Desk microphone" };
const laptop = { id: "l1", label: "Built-in" };

test("the next one takes over when one is unplugged, and gives way when it returns", () => {
  const order = prefer(prefer([], desk), headset);
  expect(best(order, [laptop, desk, headset])).toEqual(headset);
  expect(best(order, [laptop, desk])).toEqual(desk);
  expect(best(order, [laptop, desk, headset])).toEqual(headset);
});

test("one that was chosen while the better one was away is kept when that returns", () => {
  const order = prefer(prefer([], headset), laptop);
  expect(best(order, [laptop, headset])).toEqual(laptop);
});

test("one that the system gave is gone back to as well", () => {
  const order = remember(remember([], laptop), desk);
  expect(best(order, [desk, laptop])).toEqual(laptop);
});

test("nothing known of what is there leaves it to the system", () => {
  expect(best([headset], [laptop])).toBeUndefined();
  expect(best([], [])).toBeUndefined();
});

test("before a permission the best is tried, although nothing is named", () => {
  expect(best([headset, desk], [{ id: "", label: "" }])).toEqual(headset);
});

test("a device whose id changed is known by its name, and its new id is learnt", () => {
  const today = { id: "h2", label: "Headset" };
  expect(best([headset], [laptop, today])).toEqual(today);
  expect(refreshed([headset, laptop], [laptop, today])).toEqual([today, laptop]);
});

test("two devices of one name are not told apart by it", () => {
  const twins = ["x", "y"].map((id) => ({ id, label: "Headset" }));
  expect(best([headset], twins)).toBeUndefined();
});

test("what was kept is taken over, and nonsense is not", () => {
  const kept = { ...noPreference, microphone: [headset, desk], camera: [laptop] };
  expect(readPreference(JSON.parse(JSON.stringify(kept)))).toEqual(kept);
  for (const nonsense of [
    null,
    7,
    "x",
    [],
    { microphone: "h1" },
    { microphone: [1, null, { id: 2, label: "" }, { id: "" }] },
  ])
    expect(readPreference(nonsense)).toEqual(noPreference);
  const many = Array.from({ length: 100 }, (_, index) => ({ id: `${index}`, label: "x".repeat(index) }));
  expect(readPreference({ camera: many }).camera).toHaveLength(preferenceBound);
  expect(readPreference({ camera: [{ id: "x".repeat(10_000), label: "" }] })).toEqual(noPreference);
});

test("through any days of plugging, unplugging and choosing", () => {
  const device = fc.integer({ min: 0, max: 11 }).map((n): Device => ({ id: `${n}`, label: `Device ${n}` }));
  const happening = fc.record({ what: fc.constantFrom("plug", "unplug", "choose"), device });
  fc.assert(
    fc.property(fc.array(happening, { maxLength: 60 }), (happenings) => {
      let order: Order = [];
      let there: Device[] = [];
      let inUse: Device | undefined;
      let chosen: Device | undefined;
      for (const { what, device } of happenings) {
        const before = inUse;
        if (what === "plug" && !there.some(({ id }) => id === device.id)) there.push(device);
        if (what === "unplug") there = there.filter(({ id }) => id !== device.id);
        if (what === "choose" && there.some(({ id }) => id === device.id)) {
          order = prefer(order, device);
          chosen = device;
        }
        const known = order;
        order = refreshed(order, there);
        expect(order).toBe(known);
        inUse = best(order, there) ?? there[0];
        if (inUse) order = remember(order, inUse);
        // Something is in use whenever something is there, and it is there.
        expect(inUse === undefined).toBe(there.length === 0);
        if (inUse) expect(there.map(({ id }) => id)).toContain(inUse.id);
        // The last choice of the person holds whenever it can.
        if (chosen && there.some(({ id }) => id === chosen?.id)) expect(inUse).toEqual(chosen);
        // A stranger that is plugged in takes over from nobody.
        const stays = before && there.some(({ id }) => id === before.id);
        if (stays && what === "plug" && inUse?.id !== before.id) expect(known.map(({ id }) => id)).toContain(inUse?.id);
        expect(order.length).toBeLessThanOrEqual(preferenceBound);
        expect(new Set(order.map(({ id }) => id)).size).toBe(order.length);
      }
    }),
  );
});
