import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { random } from "@satsuma/durable/contract/scenarios";
import { Store } from "@satsuma/runtime/node/durable";
import { type Account, Bumped, BumpedTable, names } from "./crash.actors.ts";

const child = fileURLToPath(new URL("./crash.child.ts", import.meta.url));

export interface CrashReport {
  readonly kills: number;
  readonly acknowledged: number;
  readonly alarms: number;
  /** What should not have been, one sentence each. */
  readonly faults: readonly string[];
}

/**
 * Kills a process that writes to a store, again and again over the same store, and looks after each kill whether what
 * was acknowledged is there, whole, and whether what was armed rings.
 */
export async function crash(directory: string, kills: number, seed: number): Promise<CrashReport> {
  const next = random(seed);
  const faults: string[] = [];
  const acknowledged = new Map<string, number>();
  let writes = 0;
  let alarms = 0;
  for (let kill = 0; kill < kills; kill++) {
    const acks = await killed(directory, next(120));
    writes += acks.length;
    for (const [name, n] of acks) acknowledged.set(name, Math.max(n, acknowledged.get(name) ?? 0));
    const at = `after kill ${kill} of seed ${seed}`;
    for (const [name, account] of await reopened(directory)) {
      const least = acknowledged.get(name) ?? 0;
      if (account.n < least) faults.push(`${at}, ${name} has ${account.n} but ${least} was acknowledged`);
      if (account.n > least + 1) faults.push(`${at}, ${name} has ${account.n} and was never asked beyond ${least + 1}`);
      if (!account.isWhole) faults.push(`${at}, ${name} has half of a write`);
      if (account.rung < account.armed) faults.push(`${at}, the alarm of ${name} did not ring`);
      if (account.wasEarly) faults.push(`${at}, an alarm of ${name} rang too early`);
      // A write that was not acknowledged may be there; the next child goes on from it.
      acknowledged.set(name, account.n);
      alarms = Math.max(alarms, account.rung);
    }
  }
  return { kills, acknowledged: writes, alarms, faults };
}

/** Runs the child until some time after its first acknowledgement, and gives all it acknowledged. */
async function killed(directory: string, afterMs: number): Promise<[string, number][]> {
  const process_ = spawn(process.execPath, ["--conditions=@satsuma/source", "--no-warnings", child, directory], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let output = "";
  process_.stdout.setEncoding("utf8").on("data", (text: string) => {
    if (output === "") setTimeout(() => process_.kill("SIGKILL"), afterMs);
    output += text;
  });
  const [code, signal] = await once(process_, "close");
  if (signal !== "SIGKILL") throw new Error(`The child ended by itself with ${code ?? signal}.`);
  const lines = output.split("\n").slice(0, -1);
  return lines.map((line) => [line.slice(0, line.indexOf(" ")), Number(line.slice(line.indexOf(" ") + 1))]);
}

/** Opens the store again, lets what is due ring, and reads every actor. */
async function reopened(directory: string): Promise<[string, Account][]> {
  const store = Store.open({ directory });
  const shared = store.namespace("shared", Bumped, undefined);
  const own = store.namespace("own", BumpedTable, undefined);
  const actors = [...names.shared.map((name) => shared.get(name)), ...names.own.map((name) => own.get(name))];
  const read = async () => Promise.all(actors.map(async (actor) => (await actor.ask("read")) as Account));
  let accounts = await read();
  // Alarms are set 40 ms ahead at most; two seconds are for a slow machine.
  const end = Date.now() + 2_000;
  while (Date.now() < end && accounts.some(({ armed, rung }) => rung < armed)) {
    await new Promise((resolve) => setTimeout(resolve, 5));
    accounts = await read();
  }
  await store.close();
  return accounts.map((account, index) => [actors[index]?.name ?? "", account]);
}
