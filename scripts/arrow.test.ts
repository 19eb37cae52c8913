import { expect, test } from "vitest";
import { breaches } from "./arrow.ts";

test("a package may depend on those the arrow names", () => {
  const sfu = {
    name: "@satsuma/sfu",
    dependencies: { "@satsuma/protocol": "0.1.0", "@satsuma/core": "0.1.0", hono: "^4" },
  };
  expect(breaches([sfu])).toEqual([]);
});

test.each(["dependencies", "devDependencies", "peerDependencies", "optionalDependencies"])(
  "a package that names one against the arrow in its %s is refused",
  (kind) => {
    const rooms = { name: "@satsuma/rooms", [kind]: { "@satsuma/sfu": "0.1.0" } };
    expect(breaches([rooms])).toEqual(["@satsuma/rooms may not depend on @satsuma/sfu"]);
  },
);

test("an app may depend on every package, and no package on an app", () => {
  const meet = { name: "@satsuma/meet", dependencies: { "@satsuma/runtime": "0.1.0", "@satsuma/react": "0.1.0" } };
  const bench = { name: "@satsuma/bench", dependencies: { "@satsuma/meet": "0.1.0" } };
  expect(breaches([meet, bench])).toEqual(["@satsuma/bench may not depend on @satsuma/meet"]);
});

test("a package may use the test kit in its tests, and never ship with it", () => {
  const kit = { "@satsuma/testkit": "0.1.0" };
  const sfu = { name: "@satsuma/sfu", devDependencies: kit };
  const core = { name: "@satsuma/core", dependencies: kit };
  const bench = { name: "@satsuma/bench", dependencies: kit };
  expect(breaches([sfu, core, bench])).toEqual(["@satsuma/core may not depend on @satsuma/testkit"]);
});
