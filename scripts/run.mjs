/**
 * `node scripts/run.mjs <file.ts> [arguments]`: the one way every npm script runs a TypeScript file.
 *
 * It works on any Node from 20. Dependencies are installed first when they are not; then the file runs
 * on the Node this project pins, with the workspace packages read from their sources.
 */
import { spawn } from "node:child_process";
import { constants } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { InstallError, install } from "./install.mjs";

const root = dirname(dirname(fileURLToPath(import.meta.url)));

try {
  const node = await install(root);
  process.exitCode = await pass(node, process.argv.slice(2));
} catch (error) {
  if (!(error instanceof InstallError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}

/**
 * Runs Node in our place: same input and output, same signals, same exit code.
 *
 * @param {string} node
 * @param {string[]} args
 * @returns {Promise<number>}
 */
function pass(node, args) {
  const paths = [dirname(node), join(root, "node_modules", ".bin"), process.env.PATH];
  const child = spawn(node, ["--conditions=@satsuma/source", ...args], {
    cwd: root,
    env: { ...process.env, PATH: paths.join(delimiter) },
    stdio: "inherit",
  });
  // A terminal gives Ctrl-C to every process in front; the child has its own then, and a second would hurry it.
  const heard = new Set(process.stdin.isTTY ? ["SIGINT"] : []);
  for (const signal of /** @type {const} */ (["SIGINT", "SIGTERM", "SIGHUP"])) {
    process.on(signal, () => {
      if (!heard.has(signal)) child.kill(signal);
      heard.add(signal);
    });
  }
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code, signal) => resolve(code ?? 128 + (signal ? constants.signals[signal] : 0)));
  });
}
