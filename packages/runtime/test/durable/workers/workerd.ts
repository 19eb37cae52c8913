import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Json } from "@satsuma/durable";
import type { Kind, Peer, Release, World } from "@satsuma/durable/contract";
import { type Refusal, RefusedError } from "@satsuma/protocol";
import { Miniflare } from "miniflare";
import { WebSocket } from "ws";
import { bundled } from "./bundled.ts";

/** A real workerd with the contract's Worker in it, its storage in a folder of its own. */
export interface Workerd extends World {
  /** Runs a scenario in a plain Durable Object. */
  plain(name: string, question: Json): Promise<Json>;
  /** The same as `ask` for the actors that only the runtime puts to sleep. */
  askRestful(name: string, question: Json): Promise<Json>;
  dialRestful(name: string): Promise<Peer>;
}

const classes = {
  scripted: "ScriptedObject",
  tables: "TablesObject",
  diary: "DiaryObject",
  faulty: "FaultyObject",
  restful: "RestfulObject",
  plain: "Plain",
};

export async function startWorkerd(): Promise<Workerd> {
  const persist = mkdtempSync(join(tmpdir(), "satsuma-workerd-"));
  const script = await bundled(new URL("./contract.worker.ts", import.meta.url));
  const begin = (release: Release) => launch(script, persist, release);
  let miniflare = begin("first");
  const ask = async (kind: string, name: string, question: Json): Promise<Json> => {
    const body = JSON.stringify({ kind, name, question });
    const response = await miniflare.dispatchFetch("http://workerd/", { method: "POST", body });
    const reply = (await response.json()) as { value?: Json; refusal?: Refusal };
    if (reply.refusal !== undefined) throw new RefusedError(reply.refusal.code, reply.refusal.message);
    return reply.value ?? null;
  };
  return {
    ask: (kind: Kind, name, question) => ask(kind, name, question),
    plain: (name, question) => ask("plain", name, question),
    askRestful: (name, question) => ask("restful", name, question),
    dial: (kind, name, detail) => dial(miniflare, kind, name, detail),
    dialRestful: (name) => dial(miniflare, "restful", name, null),
    now: Date.now,
    async until(check, withinMs) {
      for (const end = Date.now() + withinMs; !(await check()); ) {
        if (Date.now() > end) throw new Error("It did not come true in time.");
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    },
    async restart(release = "first") {
      await miniflare.dispose();
      miniflare = begin(release);
      await miniflare.ready;
    },
    async close() {
      await miniflare.dispose();
      rmSync(persist, { recursive: true, force: true });
    },
  };
}

function launch(script: string, persist: string, release: Release): Miniflare {
  const grown = release === "first" ? "GrownFirstObject" : "GrownSecondObject";
  const objects = Object.entries({ ...classes, grown }).map(([kind, className]) => {
    // A key of its own keeps an object's data when its class gets another name.
    return [kind, { className, useSQLite: true, unsafeUniqueKey: `satsuma-${kind}` }];
  });
  return new Miniflare({
    modules: true,
    script,
    compatibilityDate: "2026-07-01",
    durableObjects: Object.fromEntries(objects),
    durableObjectsPersist: persist,
  });
}

async function dial(miniflare: Miniflare, kind: string, name: string, detail: Json = null): Promise<Peer> {
  const url = new URL(await miniflare.ready);
  url.protocol = "ws:";
  url.search = String(new URLSearchParams({ kind, name, detail: JSON.stringify(detail) }));
  const socket = new WebSocket(url);
  const received: string[] = [];
  let closed: Peer["closed"];
  socket.on("message", (data) => received.push(String(data)));
  socket.on("close", (code, reason) => {
    closed = { code, reason: String(reason) };
  });
  await once(socket, "open");
  return {
    received,
    get closed() {
      // workerd 2026-07-30 sends and takes the close frames of a socket closed outside its own event, but leaves the
      // connection open; ending it here gives the frame's code at once instead of after the client's 30 seconds.
      if (socket.readyState === WebSocket.CLOSING) socket.terminate();
      return closed;
    },
    send: (data) => socket.send(data),
    close: (code, reason) => socket.close(code, reason),
  };
}
