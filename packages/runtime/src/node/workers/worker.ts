/**
 * The process of one media worker: a media server on a Unix socket, whose tracks others can have over another.
 *
 * It lives as long as the channel to the process that started it, which may end without a word.
 */
import { randomBytes } from "node:crypto";
import { rmdir } from "node:fs";
import type { Server } from "node:http";
import { createServer } from "node:net";
import { performance } from "node:perf_hooks";
import { createAdaptorServer } from "@hono/node-server";
import { type Elsewhere, Keys, memoryKeys, numbered, numberIn, type UsageStore } from "@satsuma/sfu";
import { keyPlatform } from "../apps.ts";
import { openMedia } from "../media.ts";
import { dial, listenOn, SocketLine, socketPath } from "./sockets.ts";
import type { Assignment, FromWorker, ToWorker } from "./words.ts";

/** ms after which an end that hangs is given up. */
const endLimit = 2_000;

function say(word: FromWorker): void {
  // To one that is gone there is nothing more to say; `disconnect` ends this process.
  if (process.connected) process.send?.(word);
}

function onError(error: unknown): void {
  say({ told: "error", message: error instanceof Error ? (error.stack ?? error.message) : String(error) });
}

/** Usage is kept by the process in front. */
const usage: UsageStore = {
  add: (rows) => say({ told: "usage", rows }),
  sum: () => [],
  total: () => 0,
};

async function start(assignment: Assignment) {
  const { number, count, folder, apps, limits, media, adapters, streamKey } = assignment;
  const store = memoryKeys();
  for (const key of assignment.keys) store.put("app", key);
  const newId = () => numbered(randomBytes(16).toString("hex"), number);
  const elsewhere: Elsewhere = {
    serverOf(session) {
      const server = numberIn(session, count);
      return server === undefined || server === number ? undefined : String(server);
    },
    dial: (server, listener) => dial(socketPath(folder, "pipe", Number(server)), listener, onError),
  };
  const server = await openMedia({
    apps,
    keys: new Keys(store, keyPlatform),
    limits,
    media,
    adapters,
    usage,
    streamKey,
    // The process in front has the relay, and tells its servers.
    iceServers: async () => [],
    newId,
    elsewhere,
    onError,
  });
  const pipes = createServer((socket) => {
    const line = new SocketLine(socket, onError);
    line.listen(server.sfu.pipes.serve(line));
  });
  const calls = createAdaptorServer({ fetch: server.fetch }) as Server;
  // Connections are kept by the process in front, which asks at its own pace.
  calls.keepAliveTimeout = 0;
  await listenOn(pipes, socketPath(folder, "pipe", number));
  await listenOn(calls, socketPath(folder, "calls", number));
  const reporting = setInterval(report, assignment.interval).unref();
  let before = performance.eventLoopUtilization();

  function report(): void {
    const since = performance.eventLoopUtilization();
    const { utilization: busy } = performance.eventLoopUtilization(since, before);
    before = since;
    say({ told: "load", load: { sessions: server.sfu.sessionCount, busy, ...server.sfu.pipes.counts } });
  }

  return {
    hear(asked: Exclude<ToWorker, { ask: "start" } | { ask: "close" }>): void {
      switch (asked.ask) {
        case "put":
          store.put(asked.kind, asked.key);
          break;
        case "remove":
          store.remove(asked.kind, asked.uid);
          if (asked.kind === "app") server.sfu.endApp(asked.uid);
          break;
        case "count":
          server.meter.read();
      }
      say({ told: "done", id: asked.id });
    },
    close(): void {
      clearInterval(reporting);
      server.close();
      pipes.close();
      calls.close();
      calls.closeAllConnections();
      // Whoever made it may have died. The last worker finds it empty.
      rmdir(folder, () => {});
    },
  };
}

let running: Awaited<ReturnType<typeof start>> | undefined;
let ending = false;

function end(): void {
  if (ending) return;
  ending = true;
  setTimeout(() => process.exit(), endLimit).unref();
  running?.close();
  if (process.connected) process.disconnect();
  // What libdatachannel still has to say to its peers takes a moment; then nothing keeps the process.
}

process.on("message", (asked: ToWorker) => {
  if (asked.ask === "close") end();
  else if (asked.ask !== "start") running?.hear(asked);
  else {
    start(asked.assignment).then(
      (started) => {
        running = started;
        if (ending) started.close();
        say({ told: "ready" });
      },
      (error: unknown) => {
        const { message, code, port } = error as NodeJS.ErrnoException & { readonly port?: number };
        say({ told: "failed", message, code, port });
        if (process.connected) process.disconnect();
        process.exitCode = 1;
      },
    );
  }
});
process.on("disconnect", end);
// Both are for the process in front, which ends its workers itself.
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => {});
