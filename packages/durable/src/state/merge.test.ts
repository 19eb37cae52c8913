import fc from "fast-check";
import { expect, test } from "vitest";
import { type Field, type Fields, merged } from "./merge.ts";

const field: fc.Arbitrary<Field> = fc.record(
  {
    value: fc.oneof(fc.integer({ min: 0, max: 3 }), fc.constant(null)),
    stamp: fc.record({ time: fc.nat({ max: 4 }), by: fc.constantFrom("a", "b", "c") }),
  },
  { requiredKeys: ["stamp"] },
);
const edits = fc
  .array(fc.tuple(fc.constantFrom("x", "y", "z"), field), { maxLength: 6 })
  .map((all) => all.map((each) => new Map([each])));

test("[J11] replicas that have seen the same edits agree, whatever the order, grouping and repetition", () => {
  fc.assert(
    fc.property(edits, fc.infiniteStream(fc.nat()), (all, order) => {
      const inOrder = all.reduce((state, edit) => merged(state, edit), new Map());
      const shuffled = [...all, ...all].map((edit) => ({ edit, at: order.next().value ?? 0 }));
      shuffled.sort((a, b) => a.at - b.at);
      const groups = [shuffled.slice(0, all.length), shuffled.slice(all.length)].map((group) =>
        group.reduce((state, { edit }) => merged(state, edit), new Map()),
      );
      const [first = new Map(), second = new Map()] = groups;
      expect(sorted(merged(first, second))).toEqual(sorted(inOrder));
      expect(sorted(merged(second, first))).toEqual(sorted(inOrder));
    }),
    { numRuns: 2_000 },
  );
});

test("[J11] an edit made after seeing another wins over it, whoever made it", () => {
  const seen = new Map([["x", { value: 1, stamp: { time: 7, by: "z" } }]]);
  const later = new Map([["x", { value: 2, stamp: { time: 8, by: "a" } }]]);
  expect(merged(later, seen).get("x")?.value).toBe(2);
  expect(merged(seen, later).get("x")?.value).toBe(2);
});

test("[J11] an edit older than a deletion does not bring the field back", () => {
  const deleted = new Map([["x", { stamp: { time: 3, by: "a" } }]]);
  const older = new Map([["x", { value: 1, stamp: { time: 2, by: "b" } }]]);
  expect(merged(deleted, older).get("x")).not.toHaveProperty("value");
});

function sorted(fields: Map<string, Field>): [string, Field][] {
  return [...fields].sort(([a], [b]) => (a < b ? -1 : 1));
}

test("[J12] of two edits at one time, the greater author's stands, whichever comes first", () => {
  const edit = (by: string): Fields => new Map([["a", { value: by, stamp: { time: 1, by } }]]);
  for (const order of [
    ["ada", "bob"],
    ["bob", "ada"],
  ]) {
    const fields = order.reduce<Fields>((before, by) => merged(before, edit(by)), new Map());
    expect(fields.get("a")?.value).toBe("bob");
  }
});
