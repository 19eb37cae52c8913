import { Miniflare } from "miniflare";
import { type Contender, type Measured, measured, recordOf } from "./work.ts";

/**
 * A Durable Object on workerd doing the same work, driven from inside workerd so that no HTTP is in the way: a Worker
 * calls the objects by RPC, one call under way per object. Its clock counts whole milliseconds.
 */
const script = `
  import { DurableObject } from "cloudflare:workers";
  ${recordOf}
  export class Participant extends DurableObject {
    n = 0;
    write() {
      this.n++;
      this.ctx.storage.put("record", recordOf(this.n));
      return this.n;
    }
    async read() {
      return (await this.ctx.storage.get("record"))?.version;
    }
    arm(due) {
      this.ctx.storage.put("due", due);
      this.ctx.storage.setAlarm(due);
    }
    async alarm() {
      const late = Date.now() - (await this.ctx.storage.get("due"));
      await this.ctx.storage.put("late", late);
    }
    late() {
      return this.ctx.storage.get("late");
    }
  }
  export default {
    async fetch(request, env) {
      const { what, actors, ms, due } = await request.json();
      const stubs = Array.from({ length: actors }, (_, i) => env.PARTICIPANTS.getByName("participant " + i));
      if (what === "arm") {
        await Promise.all(stubs.map((stub, i) => stub.arm(due[i])));
        return Response.json({});
      }
      if (what === "late") return Response.json(await Promise.all(stubs.map((stub) => stub.late())));
      const times = [];
      const start = Date.now();
      await Promise.all(stubs.map(async (stub) => {
        for (let before = Date.now(); before < start + ms; ) {
          await stub[what]();
          const after = Date.now();
          times.push(after - before);
          before = after;
        }
      }));
      return Response.json({ times, took: Date.now() - start });
    },
  };`;

export interface Workerd extends Contender {
  /** Sets an alarm per time and gives how late each rang. */
  alarms(due: readonly number[], until: number): Promise<number[]>;
}

export async function workerd(directory: string): Promise<Workerd> {
  const miniflare = new Miniflare({
    modules: true,
    script,
    compatibilityDate: "2026-07-01",
    durableObjects: { PARTICIPANTS: { className: "Participant", useSQLite: true } },
    durableObjectsPersist: `${directory}/workerd`,
  });
  await miniflare.ready;
  const call = async (body: Record<string, unknown>): Promise<unknown> =>
    (await miniflare.dispatchFetch("http://workerd/", { method: "POST", body: JSON.stringify(body) })).json();
  const loop = async (what: string, actors: number, ms: number): Promise<Measured> => {
    const { times, took } = (await call({ what, actors, ms })) as { times: number[]; took: number };
    return measured(times, took);
  };
  return {
    name: "Durable Object on workerd",
    write: (actors, ms) => loop("write", actors, ms),
    read: (actors, ms) => loop("read", actors, ms),
    async alarms(due, until) {
      await call({ what: "arm", actors: due.length, due });
      await new Promise((resolve) => setTimeout(resolve, Math.max(0, until - Date.now())));
      const late = (await call({ what: "late", actors: due.length })) as (number | null)[];
      return late.map((each) => each ?? Number.POSITIVE_INFINITY);
    },
    close: () => miniflare.dispose(),
  };
}
