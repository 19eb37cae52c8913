import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { inputs } from "./install.mjs";

test("the lock file, npm's settings and every workspace's manifest decide what is installed", () => {
  const root = mkdtempSync(join(tmpdir(), "install-"));
  onTestFinished(() => rmSync(root, { recursive: true }));
  writeFileSync(join(root, "package.json"), JSON.stringify({ workspaces: ["packages/*", "bench"] }));
  for (const folder of ["packages/core", "packages/rooms", "bench"]) {
    mkdirSync(join(root, folder), { recursive: true });
    writeFileSync(join(root, folder, "package.json"), "{}");
  }
  mkdirSync(join(root, "packages/empty"));
  expect(
    inputs(root)
      .map((path) => relative(root, path))
      .sort(),
  ).toEqual([
    ".npmrc",
    "bench/package.json",
    "package-lock.json",
    "package.json",
    "packages/core/package.json",
    "packages/rooms/package.json",
  ]);
});
