/**
 * Every package works as someone else would get it: packed, installed in an empty folder, and imported
 * by plain Node from its compiled files. Expects `dist/` to be built.
 */
import { spawnSync } from "node:child_process";
import { globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

type Manifest = { name: string; private?: boolean; exports?: Record<string, unknown> };

const root = join(import.meta.dirname, "..");
const folder = mkdtempSync(join(tmpdir(), "satsuma-packed-"));
try {
  const manifests = globSync("packages/*/package.json", { cwd: root })
    .map((path): Manifest => JSON.parse(readFileSync(join(root, path), "utf8")))
    .filter((manifest) => manifest.private !== true);
  const workspaces = manifests.flatMap(({ name }) => ["--workspace", name]);
  const packed = npm(root, ["pack", "--json", "--pack-destination", folder, ...workspaces]);
  const dependencies = Object.fromEntries(tarballs(packed).map(({ name, filename }) => [name, `file:${filename}`]));
  writeFileSync(join(folder, "package.json"), JSON.stringify({ private: true, type: "module", dependencies }));
  npm(folder, ["install", "--prefer-offline", "--no-package-lock", "--no-audit", "--no-fund", "--loglevel=error"]);
  for (const name of manifests.flatMap(doors)) {
    const names = importFrom(folder, name);
    console.log(`${name}: ${names.length} names`);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** npm 11 answers with a list, later ones with an object by package name. */
function tarballs(json: string): { name: string; filename: string }[] {
  return Object.values(JSON.parse(json));
}

function doors({ name, exports = {} }: Manifest): string[] {
  // A door without a default is for one runtime that is not Node, or for tests within this repository.
  const open = Object.entries(exports).filter(([, target]) => Object.hasOwn(Object(target), "default"));
  return open.map(([path]) => name + path.slice(1));
}

function importFrom(folder: string, name: string): string[] {
  const code = `console.log(JSON.stringify(Object.keys(await import(${JSON.stringify(name)}))))`;
  return JSON.parse(succeed(process.execPath, ["--input-type=module", "--eval", code], folder));
}

function npm(cwd: string, args: string[]): string {
  return succeed("npm", args, cwd);
}

function succeed(command: string, args: string[], cwd: string): string {
  // Options that show this repository's sources to Node would hide what is packed.
  const env = { ...process.env, NODE_OPTIONS: "" };
  const { status, stdout, stderr } = spawnSync(command, args, { cwd, encoding: "utf8", env });
  if (status === 0) return stdout;
  throw new Error(`${command} ${args.join(" ")} failed:\n${stdout}${stderr}`);
}
