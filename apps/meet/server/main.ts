/** The process of the meeting app: reads the settings, starts, says where it is, and stops on a signal. */
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { loadSettings, StartError } from "./config.ts";
import { jsonLog } from "./log.ts";
import { startMeet } from "./meet.ts";

/** Milliseconds after which a stop that hangs is given up. One that works takes well under a second. */
const stopLimit = 3_000;

const page = fileURLToPath(new URL("../dist", import.meta.url));

async function main(): Promise<void> {
  const file = process.env.SATSUMA_CONFIG;
  const settings = loadSettings(process.env, file === undefined ? undefined : await readConfig(file));
  const log = jsonLog(settings.log.level, (line) => process.stderr.write(line));
  const built = existsSync(join(page, "index.html"));
  const meet = await startMeet(settings, built ? page : undefined, log);
  const what = built ? "Satsuma is ready" : "Satsuma is ready, without its page (npm start builds it)";
  process.stdout.write(`\n  ${what}:  ${meet.url}\n\n  Ctrl-C stops it.\n\n`);

  let stopping = false;
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.on(signal, () => {
      // One Ctrl-C may be heard twice: from the terminal or a supervisor, and passed on by the process that started us.
      if (stopping) return;
      stopping = true;
      setTimeout(() => process.exit(1), stopLimit).unref();
      meet.close().then(
        () => process.exit(0),
        (error: unknown) => {
          log.error("stop failed", { error });
          process.exit(1);
        },
      );
    });
  }
}

async function readConfig(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch {
    throw new StartError(`The configuration file ${file} that SATSUMA_CONFIG names cannot be read.`);
  }
}

main().catch((error: unknown) => {
  process.stderr.write(error instanceof StartError ? `${error.message}\n` : `${(error as Error).stack ?? error}\n`);
  process.exit(1);
});
