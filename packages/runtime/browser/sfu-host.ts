/** An SFU in a process of its own, which can be killed and started again on the same ports. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { SessionStateResponse } from "@satsuma/protocol";
import type { SfuLimits } from "@satsuma/sfu";
import { freeUdpPort } from "../../../scripts/ports.ts";

export const appId = "app";
export const secret = "secret-of-the-test";

const script = fileURLToPath(new URL("../test/sfu-process.ts", import.meta.url));

export class SfuHost {
  #process: ChildProcess | undefined;
  #httpPort = 0;
  /** UDP port of all media. */
  readonly mediaPort: number;
  readonly #limits: Partial<SfuLimits>;

  private constructor(mediaPort: number, limits: Partial<SfuLimits>) {
    this.mediaPort = mediaPort;
    this.#limits = limits;
  }

  static async start(limits: Partial<SfuLimits> = {}): Promise<SfuHost> {
    const host = new SfuHost(await freeUdpPort(), limits);
    await host.restart();
    return host;
  }

  /** With its version and without the app. */
  get url(): string {
    return `http://127.0.0.1:${this.#httpPort}/v1`;
  }

  /** Starts it after it was killed, on the ports that it had. */
  async restart(): Promise<void> {
    const ports = [String(this.#httpPort), String(this.mediaPort)];
    const args = ["--conditions=@satsuma/source", script, secret, ...ports, JSON.stringify(this.#limits)];
    const child = spawn(process.execPath, args, { stdio: ["pipe", "pipe", "inherit"] });
    this.#process = child;
    const [line] = (await once(createInterface({ input: child.stdout }), "line")) as [string];
    this.#httpPort = Number(new URL((JSON.parse(line) as { url: string }).url).port);
  }

  /** Ends it without a word to anybody. */
  async kill(): Promise<void> {
    const child = this.#process;
    if (child === undefined) return;
    const ended = once(child, "exit");
    child.kill("SIGKILL");
    await ended;
    this.#process = undefined;
  }

  /** The statuses of a session's tracks by mid, or undefined when it has ended. */
  async statuses(session: string): Promise<Record<string, string> | undefined> {
    const headers = { authorization: `Bearer ${secret}` };
    const response = await fetch(`${this.url}/apps/${appId}/sessions/${session}`, { headers });
    if (response.status === 410) return undefined;
    const { tracks } = (await response.json()) as SessionStateResponse;
    return Object.fromEntries((tracks ?? []).map(({ mid = "", status }) => [mid, status]));
  }
}
