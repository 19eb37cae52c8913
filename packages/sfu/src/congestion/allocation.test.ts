import type { Simulcast } from "@satsuma/protocol";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { all, type Quality } from "../forward/quality.ts";
import { Allocation, type Claim } from "./allocation.ts";
import { ladderOf } from "./ladder.ts";

function quality(rid: string, bitrate: number, temporal = all): Quality {
  return { rid, spatial: all, temporal, bitrate, height: undefined, framesPerSecond: 30 };
}

/** Three layers as Chrome sends 720p. */
const camera = [quality("f", 2_500_000), quality("h", 700_000), quality("q", 150_000)];
const voice: Claim = { kind: "audio", rungs: [quality("", 40_000)], free: true, rank: 0 };
const picture: Claim = { kind: "video", ...ladderOf(undefined, camera) };

/** Divides `budget` anew, and gives the rids; "-" for nothing. */
function divide(budget: number, claims: readonly Claim[], limited = true): string[] {
  const keyed = new Map(claims.map((claim) => [{}, claim]));
  return new Allocation().divide(budget, keyed, 0, limited).given.map((given) => given?.rid ?? "-");
}

describe("a ladder", () => {
  const rids = (preference: Simulcast | undefined) =>
    ladderOf(preference, camera)
      .rungs.map(({ rid }) => rid)
      .join("");

  test("has every layer, cheapest first, without a preference, and up to the preferred one with it", () => {
    expect(rids(undefined)).toBe("qhf");
    expect(rids({ priorityOrdering: "asciibetical" })).toBe("qhf");
    expect(rids({ preferredRid: "", priorityOrdering: "none" })).toBe("qhf");
    expect(rids({ preferredRid: "h", priorityOrdering: "asciibetical" })).toBe("qh");
  });

  test('is no choice of ours with priorityOrdering "none", which is the default where a layer is named', () => {
    for (const priorityOrdering of ["none", undefined] as const) {
      expect(ladderOf({ preferredRid: "f", priorityOrdering }, camera)).toMatchObject({
        free: false,
        rungs: [{ rid: "f" }],
      });
    }
    expect(ladderOf({ preferredRid: "x" }, camera)).toMatchObject({ free: false, rungs: [] });
    expect(rids({ preferredRid: "x", ridNotAvailable: "asciibetical" })).toBe("q");
    expect(rids({ preferredRid: "g", ridNotAvailable: "asciibetical" })).toBe("h");
    expect(rids({ preferredRid: "g", priorityOrdering: "asciibetical" })).toBe("");
    expect(rids({ preferredRid: "g", priorityOrdering: "asciibetical", ridNotAvailable: "asciibetical" })).toBe("qh");
  });

  test("of a track without simulcast is all of it, and its thinner forms", () => {
    const plain = [quality("", 900_000), quality("", 500_000, 0)];
    expect(ladderOf({ preferredRid: "f" }, plain).rungs.map(({ bitrate }) => bitrate)).toEqual([500_000, 900_000]);
  });

  test("takes nothing for cheaper than what is worse", () => {
    const odd = [quality("f", 300_000), quality("h", 700_000), quality("q", 150_000)];
    expect(ladderOf(undefined, odd).rungs.map(({ rid, bitrate }) => [rid, bitrate])).toEqual([
      ["q", 150_000],
      ["h", 700_000],
      ["f", 700_000],
    ]);
  });
});

describe("dividing", () => {
  test.each([
    [5_100_000, ["", "f", "f"], "everything fits"],
    [4_000_000, ["", "f", "h"], "the first of equals goes up first"],
    [1_500_000, ["", "h", "h"], "rung by rung, not one at the cost of the other"],
    [400_000, ["", "q", "q"], "the cheapest of each"],
    [200_000, ["", "q", "-"], "one picture rather than none"],
    [100_000, ["", "-", "-"], "sound alone"],
    [10_000, ["", "-", "-"], "sound, whatever happens"],
  ])("%i bits/s: %j (%s)", (budget, expected) => {
    expect(divide(budget, [voice, picture, picture])).toEqual(expected);
  });

  test("who wants the best layer comes before who wants a lesser one", () => {
    const small: Claim = {
      kind: "video",
      ...ladderOf({ preferredRid: "h", priorityOrdering: "asciibetical" }, camera),
    };
    expect(divide(3_000_000, [small, small, picture])).toEqual(["q", "q", "f"]);
    expect(divide(250_000, [small, picture])).toEqual(["-", "q"]);
  });

  test("a layer that was named is sent without the bandwidth for it, and leaves less for others", () => {
    const named: Claim = { kind: "video", ...ladderOf({ preferredRid: "f" }, camera) };
    expect(divide(100_000, [named, picture])).toEqual(["f", "-"]);
    expect(divide(2_700_000, [named, picture])).toEqual(["f", "q"]);
  });

  test("of an estimate that nothing has shown to be a limit, one picture more is sent than it allows", () => {
    const single: Claim = { kind: "video", ...ladderOf(undefined, [quality("", 2_000_000)]) };
    expect(divide(1_000_000, [voice, single, single], false)).toEqual(["", "", "-"]);
    expect(divide(1_000_000, [voice, single, single], true)).toEqual(["", "-", "-"]);
    // A better layer is not tried on the picture itself.
    expect(divide(100_000, [voice, picture], false)).toEqual(["", "q"]);
  });

  test("never gives more than there is, but for sound and what was named, and never pauses what fits", () => {
    const layers = fc
      .array(fc.integer({ min: 10_000, max: 3_000_000 }), { minLength: 1, maxLength: 4 })
      .map((rates) => rates.sort((a, b) => b - a).map((bitrate, index) => quality("abcd"[index] ?? "", bitrate)));
    const claim = layers.map((available): Claim => ({ kind: "video", ...ladderOf(undefined, available) }));
    fc.assert(
      fc.property(fc.array(claim, { maxLength: 12 }), fc.integer({ min: 0, max: 20_000_000 }), (claims, budget) => {
        const keyed = new Map(claims.map((one) => [{}, one]));
        const { given, used, wanted } = new Allocation().divide(budget, keyed, 0);
        expect(used).toBeLessThanOrEqual(Math.max(0, budget));
        expect(wanted).toBeGreaterThanOrEqual(used);
        const left = budget - used;
        claims.forEach((one, index) => {
          if (given[index] === undefined) expect(one.rungs[0]?.bitrate).toBeGreaterThan(left);
        });
      }),
    );
  });
});

describe("over time", () => {
  /** Lets one picture live through budgets of one second each; gives its rids. */
  function live(budgets: readonly number[]): string {
    const allocation = new Allocation();
    const key = {};
    let rids = "";
    budgets.forEach((budget, second) => {
      for (let at = 0; at < 5; at += 1) {
        const { given } = allocation.divide(budget, new Map([[key, picture]]), second * 1_000 + at * 200);
        if (at === 0) rids += given[0]?.rid ?? "-";
      }
    });
    return rids;
  }

  test("it goes down at once, and up after two seconds", () => {
    expect(live([3e6, 2e6, 3e6, 3e6, 3e6, 3e6])).toBe("fhhfff");
  });

  test("a picture that was given up comes back after one", () => {
    expect(live([2e5, 1e5, 2e5, 2e5])).toBe("q-qq");
  });

  test("a picture whose publisher sends more than the estimate goes on, until that is found to be a limit", () => {
    const allocation = new Allocation();
    const key = {};
    const rids = [false, false, true].map((limited, second) => {
      const rungs = ladderOf(undefined, [quality("", second === 0 ? 500_000 : 5_000_000)]);
      const claims = new Map([[key, { kind: "video" as const, ...rungs }]]);
      return allocation.divide(1_000_000, claims, second * 1_000, limited).given[0]?.rid ?? "-";
    });
    expect(rids).toEqual(["", "", "-"]);
  });

  test("a step up that does not last makes the next one wait longer, up to eight seconds", () => {
    const unsteady = Array.from({ length: 240 }, (_, second) => (second % 8 < 5 ? 3e6 : 2e6));
    const rids = live(unsteady);
    const ups = [...rids].filter((rid, second) => second > 0 && rid === "f" && rids[second - 1] === "h").length;
    // Thirty times it would have had reason to.
    expect(ups).toBeLessThan(18);
  });

  test("a budget that wavers around the price of a layer does not make it flicker", () => {
    const wavering = Array.from({ length: 60 }, (_, second) => (second % 2 === 0 ? 2_500_000 : 2_600_000));
    expect(live([3e6, ...wavering])).toBe("f".repeat(61));
    expect(live([8e5, ...wavering])).toBe("h".repeat(61));
  });

  test("bitrates that change under a layer do not count as a step", () => {
    const allocation = new Allocation();
    const key = {};
    for (let second = 0; second < 20; second += 1) {
      const busy = camera.map((layer) => ({ ...layer, bitrate: layer.bitrate * (second % 2 === 0 ? 0.7 : 1) }));
      const claim: Claim = { kind: "video", ...ladderOf(undefined, busy) };
      const { given } = allocation.divide(3e6, new Map([[key, claim]]), second * 1_000);
      expect(given[0]?.rid).toBe("f");
    }
  });
});
