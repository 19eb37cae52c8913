/**
 * A network of the benchmark's own: nothing else is on it, and Janus has an address to gather that is not on loopback.
 *
 * Linux allows it to root alone. Elsewhere the benchmark runs on the machine's own loopback, without Janus.
 */
import { spawn, spawnSync } from "node:child_process";
import { janusAddress } from "./janus.ts";

const inside = "SATSUMA_BENCH_NETWORK";

export const hasOwnNetwork = process.env[inside] === "own";

const setUp = [
  "ip link set lo up",
  "ip link add media type veth peer name media-end",
  `ip address add ${janusAddress}/32 dev media`,
  "ip link set media up",
  "ip link set media-end up",
].join(" && ");

/** Runs this program again inside a network of its own and gives its exit code; undefined where that is not allowed. */
export async function runInOwnNetwork(): Promise<number | undefined> {
  if (hasOwnNetwork) return undefined;
  if (spawnSync("unshare", ["--net", "sh", "-c", setUp], { stdio: "ignore" }).status !== 0) return undefined;
  const [, ...args] = process.argv;
  const child = spawn(
    "unshare",
    ["--net", "sh", "-c", `${setUp} && exec "$@"`, "sh", process.execPath, ...process.execArgv, ...args],
    { stdio: "inherit", env: { ...process.env, [inside]: "own" } },
  );
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => resolve(code ?? 1));
  });
}
