/** A server in a process of its own, on a core of its own where there are two; and what it costs. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { cpus } from "node:os";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { Started } from "./contender.ts";

/** Clock ticks a second, as Linux has them for programs on every platform (proc(5)). */
const ticks = 100;

export interface Memory extends NodeJS.MemoryUsage {
  /** Rooms in memory. */
  readonly awake: number;
}

/** Leaves the first core to the server. */
export function stepAside(): void {
  if (cpus().length > 1) spawnSync("taskset", ["-a", "-cp", "1", String(process.pid)]);
}

export class ServerProcess {
  readonly #child: ChildProcess;
  readonly started: Started;

  private constructor(child: ChildProcess, started: Started) {
    this.#child = child;
    this.started = started;
  }

  /** One that is `counted` can be asked for its `memory`. */
  static async start(file: string, { counted = false, env = {} } = {}): Promise<ServerProcess> {
    const path = fileURLToPath(new URL(`./${file}`, import.meta.url));
    const options = ["--conditions=@satsuma/source", ...(counted ? ["--expose-gc"] : [])];
    const command = [process.execPath, ...options, path];
    const pinned = cpus().length > 1 ? ["taskset", "-c", "0", ...command] : command;
    const child = spawn(pinned[0] ?? "", pinned.slice(1), {
      env: { ...process.env, ...env },
      stdio: ["ignore", "pipe", "inherit", ...(counted ? (["ipc"] as const) : [])],
    });
    if (child.stdout === null) throw new Error(`${file} says nothing.`);
    const lines = createInterface({ input: child.stdout });
    const [line] = (await Promise.race([once(lines, "line"), once(child, "exit").then(() => [])])) as [string?];
    if (line === undefined) throw new Error(`${file} did not start.`);
    return new ServerProcess(child, JSON.parse(line) as Started);
  }

  /** Milliseconds of processor time so far, those of its own child processes included. */
  cpuMs(): number {
    return this.#sum((pid) => {
      // The name in parentheses may hold spaces; what is counted stands after it.
      const fields = readFileSync(`/proc/${pid}/stat`, "utf8")
        .replace(/^.*\) /s, "")
        .split(" ");
      return ((Number(fields[11]) + Number(fields[12])) * 1_000) / ticks;
    });
  }

  /** Bytes in memory. */
  rss(): number {
    return this.#sum(
      (pid) => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0) * 1_024,
    );
  }

  async memory(): Promise<Memory> {
    const answer = once(this.#child, "message");
    this.#child.send("memory");
    return (await answer)[0] as Memory;
  }

  async end(): Promise<void> {
    const all = this.#pids();
    const ended = once(this.#child, "exit");
    this.#child.kill("SIGTERM");
    const patience = setTimeout(() => this.#child.kill("SIGKILL"), 5_000);
    await ended;
    clearTimeout(patience);
    // Whoever had to be killed leaves its own child processes behind, and they the next measurement without a core.
    for (const pid of all) {
      try {
        process.kill(pid, "SIGKILL");
      } catch {
        // It has ended with its parent.
      }
    }
  }

  #sum(of: (pid: number) => number): number {
    let total = 0;
    for (const pid of this.#pids()) {
      try {
        total += of(pid);
      } catch {
        // It ended while we looked.
      }
    }
    return total;
  }

  /** The process and all below it. */
  #pids(): number[] {
    const all = [this.#child.pid ?? 0];
    for (const pid of all) {
      try {
        const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8");
        all.push(...children.split(" ").filter(Boolean).map(Number));
      } catch {
        // It ended while we looked.
      }
    }
    return all;
  }
}
