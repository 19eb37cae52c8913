/** Processes of the benchmark: pinned to a core, asked over IPC, and what they cost by the kernel's account. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { cpus } from "node:os";
import { fileURLToPath } from "node:url";

export const cores = { contender: 0, generator: 1 } as const;

/** Two cores and util-linux; without, nothing is pinned and the report says so. */
export const pinned = cpus().length >= 2 && spawnSync("taskset", ["--version"], { stdio: "ignore" }).status === 0;

/** Starts a program on one core, where that is possible. The last 4,000 characters that it says are kept for errors. */
export function start(
  program: string,
  args: readonly string[],
  core: number,
  { input = false, ipc = false }: { readonly input?: boolean; readonly ipc?: boolean } = {},
) {
  const [command = program, ...rest] = pinned ? ["taskset", "-c", `${core}`, program, ...args] : [program, ...args];
  const child = spawn(command, rest, {
    stdio: [input ? "pipe" : "ignore", "pipe", "pipe", ...(ipc ? ["ipc" as const] : [])],
  });
  const said = { text: "" };
  for (const output of [child.stdout, child.stderr]) {
    output?.on("data", (chunk: Buffer) => {
      said.text = `${said.text}${chunk}`.slice(-4_000);
    });
  }
  return { process: child, said };
}

type Reply = { readonly id: number; readonly value?: unknown; readonly error?: string };

/** One of our own TypeScript files as a child that answers calls. */
export class Child {
  readonly #process: ChildProcess;
  readonly #waiting = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>();
  #next = 0;

  constructor(file: string, core: number) {
    const path = fileURLToPath(new URL(file, import.meta.url));
    const { process: child, said } = start(process.execPath, ["--conditions=@satsuma/source", path], core, {
      ipc: true,
    });
    this.#process = child;
    child.on("message", (reply: Reply) => {
      const waiting = this.#waiting.get(reply.id);
      this.#waiting.delete(reply.id);
      if (reply.error === undefined) waiting?.resolve(reply.value);
      else waiting?.reject(new Error(`${file}: ${reply.error}`));
    });
    child.on("exit", (code, signal) => {
      for (const { reject } of this.#waiting.values())
        reject(new Error(`${file} ended (${code ?? signal}).\n${said.text}`));
      this.#waiting.clear();
    });
  }

  get pid(): number {
    return this.#process.pid ?? 0;
  }

  ask<T>(what: string, argument?: unknown): Promise<T> {
    const id = this.#next++;
    return new Promise<T>((resolve, reject) => {
      this.#waiting.set(id, { resolve: (value) => resolve(value as T), reject });
      this.#process.send({ id, what, argument });
    });
  }

  stop(): Promise<void> {
    return stopProcess(this.#process);
  }
}

/** In a child: answers what its parent asks with what `calls` gives. Ends with its parent. */
export function serve(calls: Readonly<Record<string, (argument: never) => Promise<unknown>>>): void {
  process.on("message", async ({ id, what, argument }: { id: number; what: string; argument: never }) => {
    try {
      process.send?.({ id, value: await calls[what]?.(argument) });
    } catch (error) {
      process.send?.({ id, error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
    }
  });
  process.on("disconnect", () => process.exit(0));
}

export async function stopProcess(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit");
  child.kill("SIGKILL");
  await ended;
}

/** CPU time of all threads of a process, living and ended, in ms (proc_pid_stat(5): utime and stime, 100 a second). */
export function cpuMs(pid: number): number {
  const fields = statOf(pid);
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

export function residentBytes(pid: number): number {
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0) * 1_024;
}

/** CPU time that a core has spent on anything, in ms (proc_stat(5)); 0 where that is not told. */
export function coreMs(core: number): number {
  const line = new RegExp(`^cpu${core} (.*)$`, "m").exec(readFileSync("/proc/stat", "utf8"))?.[1];
  const [user = 0, nice = 0, system = 0, , , interrupts = 0, softInterrupts = 0] = (line ?? "").split(" ").map(Number);
  return (user + nice + system + interrupts + softInterrupts) * 10;
}

/** From the third field on: the second is a name that may hold spaces. */
function statOf(pid: number): string[] {
  const text = readFileSync(`/proc/${pid}/stat`, "utf8");
  return text.slice(text.lastIndexOf(")") + 2).split(" ");
}
