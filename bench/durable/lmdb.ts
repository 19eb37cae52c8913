import { open } from "lmdb";
import { type Contender, closedLoop, recordOf } from "./work.ts";

/** LMDB with its own batching; a write is acknowledged when the flush that holds it is done. */
export function lmdb(directory: string): Contender {
  const database = open({ path: `${directory}/lmdb` });
  let n = 0;
  return {
    name: "LMDB, flush awaited",
    write: (actors, ms) =>
      closedLoop(actors, ms, async (actor) => {
        await database.put([actor, "record"], recordOf(n++));
        await database.flushed;
      }),
    read: (actors, ms) => closedLoop(actors, ms, async (actor) => database.get([actor, "record"])?.version),
    close: () => database.close(),
  };
}
