/** A room server in a process of its own, to be killed. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

export interface Child {
  readonly port: number;
  /** When it could first be reached, by its own clock, which is that of the log's events. */
  readonly since: number;
  /** With SIGKILL: nothing is tidied up. */
  readonly kill: () => void;
  readonly ended: Promise<unknown>;
}

export async function startChild(directory: string, port: number, key: Buffer, apiKey?: string): Promise<Child> {
  const path = fileURLToPath(new URL("./crash.child.ts", import.meta.url));
  const given = [directory, String(port), key.toString("base64url"), ...(apiKey === undefined ? [] : [apiKey])];
  const args = ["--conditions=@satsuma/source", path, ...given];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  const ended = once(child, "exit");
  const [line] = (await once(child.stdout, "data")) as [Buffer];
  const [its, since] = line.toString().split(" ").map(Number);
  return { port: its ?? 0, since: since ?? 0, kill: () => void child.kill("SIGKILL"), ended };
}
