/** The real process of the meeting app, with ports and a data folder of its own, on loopback only. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { freeTcpPort, freeUdpPort } from "../../../../scripts/ports.ts";
import { loopback } from "./ports.ts";

const root = fileURLToPath(new URL("../../../..", import.meta.url));

export interface Server {
  /** Where the page is: `http://localhost:…`. */
  readonly url: string;
  readonly tcpPort: number;
  readonly udpPort: number;
  readonly process: ChildProcess;
  /** Everything the process has printed so far. */
  output(): string;
  /** Stops it as an operator would, and removes its data folder. Gives the exit code. */
  stop(): Promise<number | null>;
}

/** Settings by their names in the environment; ports and data folder are chosen here unless given. */
export type Settings = Readonly<Record<`SATSUMA_${string}`, string>>;

/** Milliseconds from the start of the process to its first word. */
const patience = 20_000;

/** Starts the process and resolves once it has said where it is. The page is built first if it is not. */
export async function startServer(settings: Settings = {}): Promise<Server> {
  await buildPage();
  const launched = await launch([process.execPath, "apps/meet/server/main.ts"], settings);
  try {
    await launched.ready;
  } catch (error) {
    await launched.stop();
    throw error;
  }
  return launched;
}

/** Runs a command that ends up as the meeting app's process; `ready` resolves when it says so. */
export async function launch(
  [program = "", ...args]: readonly string[],
  settings: Settings,
  options: { readonly detached?: boolean } = {},
): Promise<Server & { readonly ready: Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), "satsuma-meet-"));
  const own: Settings = {
    SATSUMA_HTTP_PORT: String(await freeTcpPort()),
    SATSUMA_MEDIA_PORT: String(await freeUdpPort()),
    SATSUMA_MEDIA_HOST: loopback,
    SATSUMA_DATA_FOLDER: folder,
    // Every test comes from one address.
    SATSUMA_TOKENS_PER_MINUTE: "100000",
    ...settings,
  };
  const inherited = { ...process.env, NODE_OPTIONS: "--conditions=@satsuma/source" };
  const child = spawn(program, args, { cwd: root, env: { ...inherited, ...own }, ...options });
  const end = () => child.kill("SIGKILL");
  process.once("exit", end);
  let output = "";
  const ready = new Promise<void>((resolve, reject) => {
    const hear = (bytes: Buffer) => {
      output += bytes;
      if (output.includes("Satsuma is ready")) resolve();
    };
    child.stdout?.on("data", hear);
    child.stderr?.on("data", hear);
    child.once("error", reject);
    child.once("exit", (code) => reject(new Error(`The process ended with ${code} before it was ready:\n${output}`)));
    setTimeout(() => reject(new Error(`The process was not ready in ${patience} ms:\n${output}`)), patience).unref();
  });
  // Whoever does not wait for it looks at the exit.
  ready.catch(() => {});
  const tcpPort = Number(own.SATSUMA_HTTP_PORT);
  return {
    url: `http://localhost:${tcpPort}`,
    tcpPort,
    udpPort: Number(own.SATSUMA_MEDIA_PORT),
    process: child,
    ready,
    output: () => output,
    async stop() {
      if (child.exitCode === null && child.signalCode === null) {
        child.kill("SIGTERM");
        await once(child, "exit");
      }
      process.off("exit", end);
      await rm(folder, { recursive: true, force: true });
      return child.exitCode;
    },
  };
}

/** Does nothing when the built page is that of the present sources. */
async function buildPage(): Promise<void> {
  const args = ["--conditions=@satsuma/source", "scripts/page.ts"];
  const child = spawn(process.execPath, args, { cwd: root, stdio: ["ignore", "ignore", "inherit"] });
  const [code] = await once(child, "exit");
  if (code !== 0) throw new Error("The page could not be built.");
}
