import fc from "fast-check";
import { expect, test } from "vitest";
import {
  applyDelta,
  type Change,
  type Delta,
  emptyRoom,
  joinDeltas,
  type Participant,
  type RoomState,
} from "./state.ts";

const ids = fc.constantFrom("a", "b", "c");
const names = fc.constantFrom("mic", "cam", "screen");
const connection = fc.constantFrom("connected" as const, "recovering" as const);
const track = fc.record({
  name: names,
  kind: fc.constantFrom("audio" as const, "video" as const),
  source: fc.constantFrom("microphone" as const, "camera" as const),
  session: ids,
  muted: fc.boolean(),
});
const participant: fc.Arbitrary<Participant> = fc.record({
  id: ids,
  identity: ids,
  name: names,
  role: fc.constantFrom("host" as const, "speaker" as const),
  joinedAt: fc.nat(),
  connection,
  tracks: fc.uniqueArray(track, { selector: ({ name }) => name }),
  attributes: fc.dictionary(names, names),
});
const change: fc.Arbitrary<Change> = fc.oneof(
  fc.record({ change: fc.constant("joined" as const), participant }),
  fc.record({
    change: fc.constant("left" as const),
    id: ids,
    why: fc.constantFrom("left" as const, "timed-out" as const),
  }),
  fc.record({ change: fc.constant("connection" as const), id: ids, connection }),
  fc.record({ change: fc.constant("renamed" as const), id: ids, name: names }),
  fc.record({ change: fc.constant("published" as const), id: ids, track }),
  fc.record({ change: fc.constant("unpublished" as const), id: ids, name: names }),
  fc.record({ change: fc.constant("muted" as const), id: ids, name: names, muted: fc.boolean() }),
  fc.record({
    change: fc.constant("role" as const),
    id: ids,
    role: fc.constantFrom("host" as const, "speaker" as const),
  }),
  fc.record({ change: fc.constant("attributes" as const), id: ids, set: fc.dictionary(names, fc.option(names)) }),
  fc.record({
    change: fc.constant("raised" as const),
    hand: fc.record({ id: ids, identity: ids, name: names, at: fc.nat() }),
  }),
  fc.record({ change: fc.constant("lowered" as const), id: ids }),
  fc.record({ change: fc.constant("recording" as const), since: fc.option(fc.nat()) }),
);
const deltas = fc
  .array(fc.array(change, { maxLength: 4 }), { maxLength: 12 })
  .map((list) => list.map((changes, index): Delta => ({ after: index, version: index + 1, changes })));

test("a snapshot taken anywhere, and the deltas after it, give the state of who was there all along", () => {
  fc.assert(
    fc.property(deltas, fc.nat(12), (list, at) => {
      const all = run(emptyRoom, list);
      const snapshot: RoomState = JSON.parse(JSON.stringify(run(emptyRoom, list.slice(0, at))));
      expect(run(snapshot, list.slice(at))).toEqual(all);
      expect(all.version).toBe(list.length);
    }),
  );
});

test("no participant and no track is ever there twice", () => {
  fc.assert(
    fc.property(deltas, (list) => {
      const { participants } = run(emptyRoom, list);
      expect(new Set(participants.map(({ id }) => id)).size).toBe(participants.length);
      for (const { tracks } of participants) expect(new Set(tracks.map(({ name }) => name)).size).toBe(tracks.length);
    }),
  );
});

test("a state is never changed, and what a delta does not touch keeps its identity", () => {
  fc.assert(
    fc.property(deltas, fc.array(change, { maxLength: 4 }), (list, changes) => {
      const before = run(emptyRoom, list);
      const copy = structuredClone(before);
      const after = applyDelta(before, { after: before.version, version: before.version + 1, changes });
      expect(before).toEqual(copy);
      const touched = new Set(
        changes.map((each) => ("participant" in each ? each.participant.id : "id" in each && each.id)),
      );
      for (const each of before.participants) {
        if (!touched.has(each.id)) expect(after?.participants).toContain(each);
      }
    }),
  );
});

test("deltas that follow one another are one delta when they are joined", () => {
  fc.assert(
    fc.property(deltas, (list) => {
      const [first, ...rest] = list;
      if (!first) return;
      expect(run(emptyRoom, [joinDeltas([first, ...rest])])).toEqual(run(emptyRoom, list));
    }),
  );
});

test("a delta after a gap, or one seen before, is not applied", () => {
  const state: RoomState = { ...emptyRoom, version: 5 };
  for (const after of [0, 4, 6]) expect(applyDelta(state, { after, version: after + 1, changes: [] })).toBeUndefined();
  expect(applyDelta(state, { after: 5, version: 8, changes: [] })).toEqual({ ...emptyRoom, version: 8 });
});

function run(state: RoomState, list: readonly Delta[]): RoomState {
  return list.reduce((current, delta) => {
    const next = applyDelta(current, delta);
    if (next === undefined) throw new Error("These deltas follow one another.");
    return next;
  }, state);
}
