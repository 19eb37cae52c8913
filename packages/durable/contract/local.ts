import type { Actor, ActorClass, Json, LocalNamespace } from "@satsuma/durable";
import { Diary, Faulty, GrownFirst, GrownSecond, Scripted, Tables } from "./actors.ts";
import type { Kind, Peer, Release, World } from "./platform.ts";

/** Opens namespaces over the same data each time; `close` ends them. */
export interface Opened {
  namespace(name: Kind, type: ActorClass<unknown>): LocalNamespace<Actor>;
  close(): Promise<void>;
}

type Actors = Record<Kind, LocalNamespace<Actor>>;

/** The world of a runtime that lives in this process. */
export async function localWorld(open: () => Opened, time: Pick<World, "until" | "now">): Promise<World> {
  let opened = open();
  let actors = actorsIn(opened, "first");
  return {
    ...time,
    ask: async (kind, name, question) => (await actors[kind].get(name).ask(question as never)) as Json,
    dial: async (kind, name, detail) => dial(actors[kind], name, detail),
    async restart(release = "first") {
      await opened.close();
      opened = open();
      actors = actorsIn(opened, release);
    },
    close: () => opened.close(),
  };
}

function actorsIn(opened: Opened, release: Release): Actors {
  return {
    scripted: opened.namespace("scripted", Scripted),
    tables: opened.namespace("tables", Tables),
    diary: opened.namespace("diary", Diary),
    faulty: opened.namespace("faulty", Faulty),
    grown: opened.namespace("grown", release === "first" ? GrownFirst : GrownSecond),
  };
}

/** A socket of two ends in one process; what goes to the actor arrives in a later turn, as from a network. */
function dial(actors: LocalNamespace<Actor>, name: string, detail: Json = null): Peer {
  const received: string[] = [];
  let closed: Peer["closed"];
  const end = (code: number, reason: string) => {
    if (closed !== undefined) return;
    closed = { code, reason };
    queueMicrotask(() => incoming.close({ code, reason }));
  };
  const incoming = actors.get(name).connect(
    {
      send: (data) => {
        if (closed === undefined) received.push(String(data));
      },
      close: end,
    },
    detail,
  );
  return {
    received,
    get closed() {
      return closed;
    },
    send: (data) => queueMicrotask(() => incoming.message(data)),
    close: end,
  };
}
