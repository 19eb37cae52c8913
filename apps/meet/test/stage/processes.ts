/**
 * The processes of a running Chromium, and what an operating system does to them: stopped for a while, or ended.
 *
 * Reads /proc, so it is for Linux.
 */
import { readdirSync, readFileSync } from "node:fs";

/** Renderers draw pages and run their scripts; the capture service holds cameras, the audio service microphones. */
export type ProcessKind = "renderer" | "capture" | "audio" | "gpu" | "network" | "browser";

const marks: Readonly<Record<Exclude<ProcessKind, "browser">, string>> = {
  renderer: "--type=renderer",
  capture: "--utility-sub-type=video_capture.mojom.VideoCaptureService",
  audio: "--utility-sub-type=audio.mojom.AudioService",
  gpu: "--type=gpu-process",
  network: "--utility-sub-type=network.mojom.NetworkService",
};

interface Known {
  readonly pid: number;
  readonly parent: number;
  readonly command: string;
}

/** Ids of the processes of these kinds that come from the browser's own; of all kinds without one. */
export function processesOf(browser: number, ...kinds: readonly ProcessKind[]): number[] {
  const all = everything();
  const family = new Set([browser]);
  for (let size = 0; size !== family.size; ) {
    size = family.size;
    for (const { pid, parent } of all) if (family.has(parent)) family.add(pid);
  }
  const wanted = ({ pid, command }: Known) =>
    kinds.length === 0 ||
    kinds.some((kind) => (kind === "browser" ? pid === browser : command.split(/[\0 ]/).includes(marks[kind])));
  return all.filter((known) => family.has(known.pid) && wanted(known)).map(({ pid }) => pid);
}

/** One that has just ended is passed over. */
export function signal(pids: readonly number[], name: "SIGSTOP" | "SIGCONT" | "SIGKILL"): void {
  for (const pid of pids) {
    try {
      process.kill(pid, name);
    } catch (thrown) {
      if (!(thrown instanceof Error && "code" in thrown && thrown.code === "ESRCH")) throw thrown;
    }
  }
}

function everything(): Known[] {
  return readdirSync("/proc").flatMap((name) => {
    const pid = Number(name);
    if (!Number.isInteger(pid)) return [];
    try {
      // After the name in brackets, which may hold anything: state, then the parent (proc(5)).
      const [, parent] = readFileSync(`/proc/${pid}/stat`, "utf8")
        .replace(/^.*\) /s, "")
        .split(" ");
      return [{ pid, parent: Number(parent), command: readFileSync(`/proc/${pid}/cmdline`, "utf8") }];
    } catch {
      // It ended while we looked.
      return [];
    }
  });
}
