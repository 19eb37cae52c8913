/**
 * Brings node_modules to what package-lock.json says, and the pinned Node with it.
 *
 * Runs before anything is installed, on any Node from 20: only Node's and npm's own features here.
 * It does nothing when the stamp of the last install still holds.
 */
import { spawn, spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import { isStamped, stampOf, writeStamp } from "./stamp.mjs";

/** The registry did not answer; npm's words for it. */
const unreachable = /\b(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|ENOTCACHED)\b/;

/** A failure for a person: one sentence, no stack. */
export class InstallError extends Error {}

/**
 * Returns the path of the pinned Node.
 *
 * @param {string} root
 */
export async function install(root) {
  const stamp = stampOf(inputs(root), [process.platform, process.arch]);
  const place = join(root, "node_modules", ".stamp");
  const node = nodeIn(root);
  if (isStamped(place, stamp) && existsSync(node)) return node;

  // Without npm's own record an earlier install was cut short; pieces of it may look whole.
  const modules = join(root, "node_modules");
  if (!existsSync(join(modules, ".package-lock.json"))) rmSync(modules, { recursive: true, force: true });
  // Not `npm ci`: it refuses a lock file that was written without the binaries of every other platform.
  await npm(root, ["install", "--no-save", "--prefer-offline", "--loglevel=error"], "Installing dependencies");
  await ensureNode(root, node);
  writeStamp(place, stamp);
  return node;
}

/**
 * What decides the contents of node_modules.
 *
 * @param {string} root
 */
export function inputs(root) {
  /** @type {{ workspaces?: string[] }} */
  const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  const workspaces = (manifest.workspaces ?? []).flatMap((pattern) => {
    if (!pattern.endsWith("/*")) return [pattern];
    const folder = pattern.slice(0, -2);
    return readdirSync(join(root, folder)).map((name) => `${folder}/${name}`);
  });
  const manifests = workspaces.map((folder) => join(root, folder, "package.json")).filter((path) => existsSync(path));
  return [join(root, "package.json"), join(root, "package-lock.json"), join(root, ".npmrc"), ...manifests];
}

/** @param {string} root */
function nodeIn(root) {
  return join(root, "node_modules", "node", "bin", process.platform === "win32" ? "node.exe" : "node");
}

/**
 * The `node` package fetches its binary in an install script, which npm may have been told not to run.
 *
 * @param {string} root
 * @param {string} node
 */
async function ensureNode(root, node) {
  const folder = join(root, "node_modules", "node");
  const wanted = `v${JSON.parse(readFileSync(join(folder, "package.json"), "utf8")).version}`;
  if (versionOf(node) === wanted) return;
  await run(process.execPath, ["installArchSpecificPackage.js"], folder, `Fetching Node ${wanted.slice(1)}`);
  const found = versionOf(node);
  if (found === wanted) return;
  throw new InstallError(
    `Node ${wanted.slice(1)} could not be installed for ${process.platform}-${process.arch} ` +
      `(found ${found ?? "none"}): delete node_modules and run the command again with npm's install scripts allowed.`,
  );
}

/** @param {string} node */
function versionOf(node) {
  const { status, stdout } = spawnSync(node, ["--version"], { encoding: "utf8" });
  return status === 0 ? stdout.trim() : undefined;
}

/**
 * @param {string} root
 * @param {string[]} args
 * @param {string} what
 */
async function npm(root, args, what) {
  // npm names itself when it runs a script; another package manager's name is of no use here.
  const self = process.env.npm_execpath;
  const [command, first] =
    self !== undefined && basename(self) === "npm-cli.js" ? [process.execPath, [self]] : ["npm", []];
  // npm tries again for minutes when nobody answers, so that is found out first: its cache may suffice all the same.
  const ping = await finished(command, [...first, "ping", "--fetch-retries=0", "--fetch-timeout=10000"], root);
  const retries = unreachable.test(ping.output) ? ["--fetch-retries=0"] : [];
  await run(command, [...first, ...args, ...retries], root, what);
}

/**
 * Runs to the end, showing the seconds that pass; the output only when it fails.
 *
 * @param {string} command
 * @param {string[]} args
 * @param {string} cwd
 * @param {string} what
 */
async function run(command, args, cwd, what) {
  const started = Date.now();
  const seconds = () => Math.round((Date.now() - started) / 1000);
  const live = process.stderr.isTTY;
  process.stderr.write(live ? `${what} …` : `${what} …\n`);
  const ticker = live ? setInterval(() => process.stderr.write(`\r${what} … ${seconds()} s`), 1000) : undefined;
  const { code, output } = await finished(command, args, cwd);
  clearInterval(ticker);
  if (live) process.stderr.write("\r\u001b[K");
  if (code === 0) {
    process.stderr.write(`${what}: done in ${seconds()} s\n`);
    return;
  }
  if (unreachable.test(output)) {
    throw new InstallError(`${what} failed: the npm registry cannot be reached; check the network and run it again.`);
  }
  throw new InstallError(`${output.trimEnd()}\n${what} failed; npm's own words are above.`);
}

/**
 * @param {string} command
 * @param {string[]} args
 * @param {string} cwd
 * @returns {Promise<{ code: number | null, output: string }>}
 */
function finished(command, args, cwd) {
  // npm is a batch file on Windows, which only a shell starts.
  const shell = command === "npm" && process.platform === "win32";
  const child = spawn(command, args, { cwd, shell, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  const keep = (/** @type {Buffer} */ bytes) => {
    output += bytes.toString();
  };
  child.stdout.on("data", keep);
  child.stderr.on("data", keep);
  return new Promise((resolve) => {
    child.on("error", (error) => resolve({ code: null, output: `${output}${error.message}\n` }));
    child.on("close", (code) => resolve({ code, output }));
  });
}
