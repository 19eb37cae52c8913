/** The process's log: one JSON object a line on standard error, for people with `jq` and for collectors. */
import type { Log } from "@satsuma/runtime/node";

const levels = ["error", "warn", "info"] as const;
export type Level = (typeof levels)[number];

export function jsonLog(level: Level, write: (line: string) => void): Log {
  const say = (at: Level, event: string, fields: Readonly<Record<string, unknown>> = {}) => {
    if (levels.indexOf(at) > levels.indexOf(level)) return;
    const time = new Date().toISOString();
    write(`${JSON.stringify({ time, level: at, event, ...fields }, plain)}\n`);
  };
  return {
    error: (event, fields) => say("error", event, fields),
    warn: (event, fields) => say("warn", event, fields),
    info: (event, fields) => say("info", event, fields),
  };
}

/** Errors say their name, message and place; JSON alone would print `{}`. */
function plain(_: string, value: unknown): unknown {
  if (!(value instanceof Error)) return value;
  return { name: value.name, message: value.message, stack: value.stack, cause: value.cause };
}
