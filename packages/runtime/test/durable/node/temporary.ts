import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test as base } from "vitest";

/** A test with a folder of its own, gone afterwards. */
export const test = base.extend<{ directory: string }>({
  // biome-ignore lint/correctness/noEmptyPattern: vitest reads a fixture's needs off this pattern.
  directory: async ({}, use) => {
    const directory = mkdtempSync(join(tmpdir(), "satsuma-"));
    await use(directory);
    rmSync(directory, { recursive: true, force: true });
  },
});
