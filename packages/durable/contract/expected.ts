import type { Json } from "@satsuma/durable";
import type { ScenarioName } from "./scenarios.ts";

/** What each scenario must come to on every runtime. */
export const expected: Partial<Record<ScenarioName, Json>> = {
  lineage: [["follower gap", "late applied", "snapshot applied"], [true, true], 51, "second"],
  clones: [1],
  order: ["", "10", "9", "Z", "a", "a\u0000b", "aa", "b", "ä", "\ud7ff", "\ue000", "\uffff", "🌍"],
  ranges: [
    ["b:1", "b:2", "b:3", "b:4"],
    ["b:1", "b:2"],
    ["b:4", "b:3", "b:2"],
    ["b:2", "b:3", "b:4", "b;"],
    ["b;", "b:4", "b:3", "b:2"],
    ["b:3", "b:4", "b;", "c", "\u{10ffff}", "\u{10ffff}x"],
    ["b:2", "b:3"],
    ["b:1", "b:2", "b:3", "b:4"],
    [],
    ["\u{10ffff}", "\u{10ffff}x"],
    [],
    ["\u{10ffff}x"],
  ],
  many: { read: 128, first: ["key-0", "key-1", "key-10"], removed: 100, left: 28 },
  deleting: [true, false, true, 1, 0],
  allOrNone: { outcome: "not-cloneable", stored: [] },
  rollbackByThrow: {
    outcome: "Error",
    left: [
      ["changed", "before"],
      ["kept", 1],
      ["removed", 1],
    ],
    alarm: null,
  },
  rollbackByHand: { answer: { late: "closed" }, k: "before" },
  ownWrites: {
    seen: {
      get: [null, 2],
      list: [
        ["b", 2],
        ["c", 3],
        ["d", 1],
      ],
      reverse: [
        ["d", 1],
        ["c", 3],
      ],
    },
    after: [
      ["b", 2],
      ["c", 3],
      ["d", 1],
    ],
  },
  concurrent: 4,
  afterFailedTransaction: ["Error", "stored", 1],
  deletingAll: { empty: [0, null], after: [["c", 3]] },
  alarmTimes: [true, true, null],
  refusals: [
    "bad-argument",
    "not-cloneable",
    "not-cloneable",
    "too-large",
    "bad-argument",
    "bad-argument",
    "bad-argument",
    "ok",
    0,
  ],
  limits: ["ok", 1, "too-large", "too-large", "ok", 2_000_000, "too-large", "bad-argument", "bad-argument"],
  coalesced: 50,
};

export const expectedSql: Partial<Record<ScenarioName, Json>> = {
  sql: {
    first: { id: 1, name: "Ada" },
    rest: [
      { id: 2, name: "Grace" },
      { id: 3, name: "Edsger" },
    ],
    raw: [
      ["Grace", 2],
      ["Ada", 1],
    ],
    columns: ["a", "b"],
    several: { name: "Ada L." },
    iterated: [{ n: 3 }],
    written: 1,
    photo: [1, 2, 3],
    bound: { a: 1.5, b: null, c: "x", d: "true" },
    function: { v: 2 },
  },
  sqlRefusals: [
    "bad-query",
    "bad-query",
    "ok",
    "bad-query",
    "bad-query",
    "bad-query",
    "bad-query",
    "bad-query",
    "bad-query",
    "bad-query",
    [{ id: 1, v: "a" }],
  ],
  sqlRollback: {
    outcome: "Error",
    kept: "kept",
    rows: [{ v: 1 }, { v: 3 }],
    tables: [{ name: "t" }],
    k: 3,
  },
  sqlDeletingAll: { made: [], keys: 0 },
};
