/** GStreamer as an encoder in a process of its own (gst-publish.py). */
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { gstreamerPython } from "../../../scripts/gstreamer.ts";

export interface Encoder {
  /** The lines that it printed. */
  readonly said: unknown[];
  /** Ends the stream as an encoder does, and resolves when the process is gone. Idempotent. */
  end(): Promise<void>;
}

/** `relay` is the only way that its media may go: `turn://user:password@host:port?transport=tcp`. */
export function publishWithGstreamer(endpoint: string, bearer: string, relay?: string): Encoder {
  const script = new URL("gst-publish.py", import.meta.url).pathname;
  const args = [script, endpoint, bearer, ...(relay === undefined ? [] : [relay])];
  const child = spawn(gstreamerPython, args, { stdio: ["pipe", "pipe", "ignore"] });
  const said: unknown[] = [];
  createInterface(child.stdout).on("line", (line) => said.push(JSON.parse(line)));
  const ended = new Promise<void>((resolve) => child.once("close", () => resolve()));
  return {
    said,
    async end() {
      child.stdin.end();
      await ended;
    },
  };
}
