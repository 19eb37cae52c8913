/**
 * `npm start`: the page as its sources are, then the app in this very process.
 *
 * One command and not two joined by `&&`: the shell between them would keep Ctrl-C to itself.
 */
import { spawnSync } from "node:child_process";
import { join } from "node:path";

const { status } = spawnSync(process.execPath, [join(import.meta.dirname, "page.ts")], { stdio: "inherit" });
if (status === 0) await import("../apps/meet/server/main.ts");
else process.exitCode = status ?? 1;
