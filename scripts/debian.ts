/** Programs from Debian's packages that tests need beside a browser: installed where this machine allows it. */
import { spawnSync } from "node:child_process";

export class NoProgramError extends Error {}

export interface Wanted {
  /** What it is for, as the sentence for a person says it: "the TURN tests". */
  readonly purpose: string;
  /** Succeeds exactly where everything is there. */
  readonly probe: readonly [string, ...string[]];
  readonly packages: readonly string[];
}

/** Throws `NoProgramError` with one sentence that says what to do, where it is neither there nor can be installed. */
export function ensurePackages({ purpose, probe, packages }: Wanted): void {
  const [program, ...args] = probe;
  const there = () => spawnSync(program, args, { stdio: "ignore" }).status === 0;
  if (there()) return;
  const advice = `${purpose} need ${packages.join(", ")} (Debian and Ubuntu: apt-get install ${packages.join(" ")}).`;
  if (process.platform !== "linux" || process.getuid?.() !== 0) throw new NoProgramError(advice);
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  for (const step of [["update"], ["install", "--yes", "--no-install-recommends", ...packages]]) {
    const { status, stdout, stderr } = spawnSync("apt-get", step, { env, encoding: "utf8" });
    if (status !== 0) throw new NoProgramError(`${stdout ?? ""}${stderr ?? ""}\napt-get ${step[0]} failed. ${advice}`);
  }
  if (!there()) throw new NoProgramError(`apt-get installed it, and it cannot be started. ${advice}`);
}
