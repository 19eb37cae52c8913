/** Builds the meeting app's page when its sources are not those of the last build. */
import { globSync } from "node:fs";
import { join } from "node:path";
import { isStamped, stampOf, writeStamp } from "./stamp.mjs";

const root = join(import.meta.dirname, "..");
const app = join(root, "apps/meet");
const place = join(app, "dist", ".stamp");

const sources = [
  "apps/meet/{src,public}/**/*",
  "apps/meet/*",
  "packages/{protocol,client,react,effects}/src/**/*",
  "packages/effects/worker/*",
  "scripts/effects.ts",
];

const stamp = stampOf([join(root, "package-lock.json"), ...filesOf(sources)]);
if (!isStamped(place, stamp)) {
  const started = performance.now();
  console.log("Building the page …");
  const { build } = await import("vite");
  await build({ root: app, logLevel: "warn" });
  writeStamp(place, stamp);
  console.log(`Built the page in ${((performance.now() - started) / 1000).toFixed(1)} s`);
}

function filesOf(patterns: string[]): string[] {
  return globSync(patterns, { cwd: root, withFileTypes: true })
    .filter((entry) => entry.isFile() && !/\.test\.tsx?$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name));
}
