/** The house's rules are kept by tools; each is shown here to refuse what it is there for. */
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { beforeEach, expect, onTestFinished, test, vi } from "vitest";

const root = join(import.meta.dirname, "..");
const packages = ["protocol", "core", "rooms", "sfu", "client"];
const configuration = [".gitignore", "biome.json", "knip.json", "package.json", "scripts/no-chance.grit"];
const compiler = ["tsconfig.base.json", "tsconfig.package.json"];
const ofPackages = packages.flatMap((name) => [`packages/${name}/package.json`, `packages/${name}/tsconfig.json`]);

// Each test starts whole tools, on a machine that may be busy.
vi.setConfig({ testTimeout: 60_000 });

let house = "";
beforeEach(() => {
  house = mkdtempSync(join(tmpdir(), "house-"));
  onTestFinished(() => rmSync(house, { recursive: true }));
  for (const path of [...configuration, ...compiler, ...ofPackages]) cpSync(join(root, path), join(house, path));
  for (const name of packages) write(`packages/${name}/src/index.ts`, "export {};");
  symlinkSync(join(root, "node_modules"), join(house, "node_modules"));
});

function write(path: string, ...lines: string[]): void {
  mkdirSync(join(house, dirname(path)), { recursive: true });
  writeFileSync(join(house, path), `${lines.join("\n")}\n`);
}

function tool(name: string, ...args: string[]): { ok: boolean; output: string } {
  const { status, stdout, stderr } = spawnSync(name, args, { cwd: house, encoding: "utf8", env: tools });
  return { ok: status === 0, output: stdout + stderr };
}

const tools = { ...process.env, NO_COLOR: "1", PATH: `${join(root, "node_modules/.bin")}:${process.env.PATH}` };

test.each([
  ["reads the clock", "Date.now()", "takes the time"],
  ["reads the finer clock", "performance.now()", "takes the time"],
  ["sets a timer", "setTimeout(() => {}, 1)", "next deadline"],
  ["throws dice", "Math.random()", "takes chance"],
  ["hides a timer", "globalThis.setTimeout(() => {}, 1)", "Name the global"],
])("a core that %s is refused, its test is not", (_, code, reason) => {
  const source = `export const found = ${code};`;
  write("packages/rooms/src/core.ts", source);
  const { ok, output } = tool("biome", "lint");
  expect(ok).toBe(false);
  expect(output).toContain(reason);
  rmSync(join(house, "packages/rooms/src/core.ts"));
  write("packages/rooms/src/core.test.ts", source);
  expect(tool("biome", "lint", "packages").ok).toBe(true);
});

test("a page that imports the server's side is refused", () => {
  write("apps/meet/src/page.ts", 'export { start } from "@satsuma/runtime/node";');
  expect(tool("biome", "lint").output).toContain("imports the browser's side only");
});

test("an import that the package's own manifest does not name is refused", () => {
  write("packages/protocol/src/index.ts", 'export * from "valibot";');
  write("packages/rooms/src/index.ts", 'export * from "@satsuma/protocol";');
  write("packages/sfu/src/index.ts", 'export * from "@satsuma/protocol";');
  const unlisted = () => tool("knip", "--no-config-hints", "--include", "unlisted").output;
  expect(unlisted()).not.toContain("packages/rooms");
  write("packages/rooms/src/index.ts", 'export * from "@satsuma/protocol";', 'export * from "@satsuma/sfu";');
  expect(unlisted()).toMatch(/@satsuma\/sfu\s+packages\/rooms/);
});

test.each([
  ["rooms", "process.pid"],
  ["rooms", "fetch"],
  ["sfu", "Buffer"],
  ["sfu", "document"],
  ["client", "process.env"],
])("in %s the name %s is unknown to the compiler", (name, code) => {
  write(`packages/${name}/src/index.ts`, `export const found = ${code};`);
  const { ok, output } = tool("tsc", "-b", `packages/${name}`);
  expect(ok).toBe(false);
  expect(output).toContain("Cannot find name");
});

test("an import of the platform or of another package's files is refused by the compiler", () => {
  write("packages/rooms/src/index.ts", 'export { readFileSync } from "node:fs";');
  expect(tool("tsc", "-b", "packages/rooms").output).toContain("node:fs");
  write("packages/sfu/src/index.ts", "export const secret = 1;");
  write("packages/rooms/src/index.ts", 'export { secret } from "../../sfu/src/index.ts";');
  expect(tool("tsc", "-b", "packages/rooms").output).toContain("rootDir");
});
