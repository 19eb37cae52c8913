import { defineConfig } from "vitest/config";
import { findChromium } from "./scripts/chromium.ts";

const conditions = ["@satsuma/source"];

/**
 * Real processes, browsers, media and clocks on a machine that may be busy. What passes only the second time is named at the
 * end of `npm test`; it is a defect, but not of the change that happens to meet it. Cores and contracts have no second try.
 */
const secondTry = 1;

/** One project per kind of test, so that `vitest run --project <name>` runs one of them. */
export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    // Bounds for what hangs, and no measure of speed: a busy machine may take seconds over what takes it milliseconds.
    testTimeout: 30_000,
    hookTimeout: 30_000,
    expect: { poll: { timeout: 20_000 } },
    projects: [
      {
        extends: true,
        test: {
          name: "unit",
          include: [
            "packages/*/src/**/*.test.{ts,tsx}",
            "apps/*/{src,server}/**/*.test.{ts,tsx}",
            "bench/**/*.test.ts",
            "testkit/**/*.test.ts",
            "scripts/**/*.test.ts",
          ],
        },
      },
      { extends: true, test: { name: "contract", include: ["packages/*/contract/**/*.test.ts"] } },
      {
        extends: true,
        test: {
          name: "situations",
          include: ["packages/*/test/**/*.test.ts"],
          maxWorkers: 3,
          retry: secondTry,
        },
      },
      {
        extends: true,
        test: {
          name: "browser",
          include: ["apps/*/test/**/*.test.ts", "packages/*/browser/**/*.test.ts"],
          // A file starts a server and several browsers of its own. Two at once measure each other: the media server then finds
          // that a viewer on a busy machine can take less, and is right.
          maxWorkers: 1,
          env: { CHROMIUM_PATH: findChromium() ?? "" },
          testTimeout: 120_000,
          hookTimeout: 120_000,
          retry: secondTry,
        },
      },
    ],
  },
});
