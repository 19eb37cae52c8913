import { DatabaseSync } from "node:sqlite";
import { deserialize, serialize } from "node:v8";
import { type Contender, measured, recordOf } from "./work.ts";

/**
 * The ceiling: node:sqlite with nothing around it, a row per actor, one transaction for all actors of a round, durable
 * when COMMIT returns (WAL, synchronous=FULL). Values are kept as structured clone, as actors need them.
 */
export function raw(directory: string, encoding: "structured clone" | "JSON"): Contender {
  const database = new DatabaseSync(`${directory}/raw-${encoding}.db`);
  database.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
    CREATE TABLE kv (actor INTEGER, key TEXT, value ANY, PRIMARY KEY (actor, key)) WITHOUT ROWID`);
  const put = database.prepare("INSERT INTO kv VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET value = excluded.value");
  const get = database.prepare("SELECT value FROM kv WHERE actor = ? AND key = ?");
  const encode = encoding === "JSON" ? JSON.stringify : serialize;
  const decode = (value: unknown) => (encoding === "JSON" ? JSON.parse(String(value)) : deserialize(value as Buffer));
  let n = 0;
  const round = (actors: number, ms: number, work: (actors: number) => void) => {
    const times: number[] = [];
    const start = performance.now();
    while (performance.now() - start < ms) {
      const before = performance.now();
      work(actors);
      const took = performance.now() - before;
      for (let actor = 0; actor < actors; actor++) times.push(took);
    }
    return Promise.resolve(measured(times, performance.now() - start));
  };
  const write = (actors: number) => {
    database.exec("BEGIN IMMEDIATE");
    for (let actor = 0; actor < actors; actor++) put.run(actor, "record", encode(recordOf(n++)));
    database.exec("COMMIT");
  };
  const read = (actors: number) => {
    for (let actor = 0; actor < actors; actor++) decode(get.get(actor, "record")?.value);
  };
  return {
    name: `node:sqlite, ${encoding}`,
    write: (actors, ms) => round(actors, ms, write),
    read: (actors, ms) => round(actors, ms, read),
    close: async () => database.close(),
  };
}
