/** The process's log: one JSON object a line on standard error, for people with `jq` and for collectors. Secrets and SDP are taken out. */
import { redact } from "@satsuma/core";
import type { Log } from "@satsuma/runtime/node";

const levels = ["error", "warn", "info"] as const;
export type Level = (typeof levels)[number];

export function jsonLog(level: Level, write: (line: string) => void): Log {
  const say = (at: Level, event: string, fields: Readonly<Record<string, unknown>> = {}) => {
    if (levels.indexOf(at) > levels.indexOf(level)) return;
    const time = new Date().toISOString();
    write(`${JSON.stringify({ time, level: at, event, ...(redact(fields) as object) })}\n`);
  };
  return {
    error: (event, fields) => say("error", event, fields),
    warn: (event, fields) => say("warn", event, fields),
    info: (event, fields) => say("info", event, fields),
  };
}
