import fc from "fast-check";
import { expect, test } from "vitest";
import { type Candidate, Needs } from "./needs.ts";

function camera(name: string, muted = false): Candidate {
  return { key: `${name}/cam`, kind: "video", participant: name, muted };
}

function voice(name: string, muted = false): Candidate {
  return { key: `${name}/mic`, kind: "audio", participant: name, muted };
}

function keys(needs: Needs): string[] {
  return needs.wanted.map(({ key }) => key);
}

test("everybody's sound is wanted, and a picture only while a view shows it", () => {
  const needs = new Needs({ unseen: false });
  needs.offered([voice("anna"), camera("anna"), voice("ben"), camera("ben")], 0);
  needs.view(1, { key: "anna/cam", height: 300 }, 10);
  needs.wake(160);
  expect(needs.wanted).toContainEqual({ key: "anna/cam", rid: "b" });
  expect(keys(needs)).not.toContain("ben/cam");
});

test("before the page has drawn anything a first screen of pictures is on its way", () => {
  const needs = new Needs({ unseen: false });
  const people = Array.from({ length: 20 }, (_, index) => camera(`p${index}`));
  needs.offered(people, 0);
  expect(needs.wanted).toHaveLength(9);
  needs.view(1, { key: "p0/cam", height: 300 }, 200);
  // After a rest a change is followed in the same moment.
  needs.wake(200);
  expect(needs.wanted).toEqual([{ key: "p0/cam", rid: "b" }]);
});

test("a page of 49 tiles is one change", () => {
  const needs = new Needs({ unseen: false });
  const people = Array.from({ length: 49 }, (_, index) => `p${index}`);
  needs.offered(
    people.map((name) => camera(name)),
    0,
  );
  const seen = new Set([needs.wanted]);
  people.forEach((name, index) => {
    needs.view(index, { key: `${name}/cam`, height: 120 }, index);
    needs.wake(index);
    seen.add(needs.wanted);
  });
  needs.wake(needs.nextDeadline() ?? 0);
  seen.add(needs.wanted);
  expect(seen.size).toBe(2);
  expect(needs.wanted).toHaveLength(49);
  expect(new Set(needs.wanted.map(({ rid }) => rid))).toEqual(new Set(["c"]));
});

test("the largest of several views decides the layer", () => {
  const needs = new Needs();
  needs.offered([camera("anna")], 0);
  needs.view(1, { key: "anna/cam", height: 120 }, 0);
  needs.view(2, { key: "anna/cam", height: 700 }, 0);
  needs.wake(150);
  expect(needs.wanted).toEqual([{ key: "anna/cam", rid: "a" }]);
  needs.view(2, undefined, 200);
  needs.wake(350);
  expect(needs.wanted).toEqual([{ key: "anna/cam", rid: "c" }]);
});

test("a picture that scrolled away lingers in its least layer, and comes back without another pull", () => {
  const needs = new Needs({ unseen: false });
  needs.offered([camera("anna")], 0);
  needs.view(1, { key: "anna/cam", height: 700 }, 0);
  needs.wake(150);
  needs.view(1, { key: "anna/cam", height: 0 }, 1_000);
  needs.wake(1_150);
  expect(needs.wanted).toEqual([{ key: "anna/cam", rid: "c" }]);
  needs.view(1, { key: "anna/cam", height: 700 }, 2_000);
  needs.wake(2_150);
  expect(needs.wanted).toEqual([{ key: "anna/cam", rid: "a" }]);
  needs.view(1, { key: "anna/cam", height: 0 }, 3_000);
  needs.wake(3_150);
  needs.wake(7_000);
  expect(needs.wanted).toEqual([]);
});

test("a page in the background wants no pictures after a while, and all of them when it is back", () => {
  const needs = new Needs({ unseen: false });
  needs.offered([voice("anna"), camera("anna")], 0);
  needs.view(1, { key: "anna/cam", height: 300 }, 0);
  needs.wake(150);
  needs.hide(true, 1_000);
  needs.wake(1_150);
  needs.wake(5_000);
  expect(keys(needs)).toEqual(["anna/mic"]);
  needs.hide(false, 9_000);
  needs.wake(9_150);
  expect(keys(needs)).toEqual(["anna/mic", "anna/cam"]);
});

test("a camera that is off is not wanted, and what nobody views is only where the page asks for it", () => {
  const shows = new Needs();
  shows.offered([camera("anna"), camera("ben", true)], 0);
  expect(shows.wanted).toEqual([{ key: "anna/cam", rid: undefined }]);
});

test("of too many voices those who spoke last are heard, and nobody new cuts off one who speaks", () => {
  const needs = new Needs({ voices: 3 });
  needs.offered(
    ["a", "b", "c", "d", "e"].map((name) => voice(name, name !== "e")),
    0,
  );
  expect(keys(needs)).toContain("e/mic");
  needs.speaking(["d"], 1_000);
  needs.speaking(["c", "b"], 2_000);
  needs.wake(3_000);
  expect(keys(needs)).toEqual(["b/mic", "c/mic", "d/mic"]);
  needs.speaking(["c", "e"], 4_000);
  needs.wake(5_000);
  expect(keys(needs)).toEqual(["b/mic", "c/mic", "e/mic"]);
});

test("whatever is viewed and offered, what is wanted settles, and is nothing but what is offered", () => {
  const names = ["a", "b", "c", "d"];
  const step = fc.oneof(
    fc.record({ do: fc.constant("view"), id: fc.nat(6), name: fc.constantFrom(...names), height: fc.nat(900) }),
    fc.record({ do: fc.constant("gone"), id: fc.nat(6) }),
    fc.record({ do: fc.constant("offer"), names: fc.subarray(names) }),
    fc.record({ do: fc.constant("hide"), hidden: fc.boolean() }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const needs = new Needs({ unseen: false });
      let now = 0;
      for (const each of steps) {
        now += 40;
        if ("height" in each) needs.view(each.id, { key: `${each.name}/cam`, height: each.height }, now);
        else if ("id" in each) needs.view(each.id, undefined, now);
        else if ("names" in each)
          needs.offered(
            each.names.map((name) => camera(name)),
            now,
          );
        else needs.hide(each.hidden, now);
        needs.wake(now);
        const offered = steps.flatMap((other) => ("names" in other ? other.names : [])).map((name) => `${name}/cam`);
        for (const key of keys(needs)) expect(offered).toContain(key);
      }
      for (let next = needs.nextDeadline(), turns = 0; next !== undefined; next = needs.nextDeadline(), turns += 1) {
        expect(turns).toBeLessThan(20);
        needs.wake(next);
      }
    }),
  );
});
