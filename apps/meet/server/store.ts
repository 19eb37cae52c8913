/** Where rooms are kept: a store in the data folder, which belongs to one process. */
import { join } from "node:path";
import { RefusedError } from "@satsuma/protocol";
import type { Log } from "@satsuma/runtime/node";
import { Store } from "@satsuma/runtime/node/durable";
import { StartError, variableOf } from "./config.ts";
import type { Settings } from "./settings.ts";

/** `reachable`: when members can come back, and their time to do so begins. */
export function openStore({ folder }: Settings["data"], log: Log, reachable: Promise<unknown>): Store {
  try {
    return Store.open({
      directory: join(folder, "rooms"),
      // Who was in a room an hour ago is in its history of meetings; nobody goes back there.
      retentionMs: 0,
      ready: reachable,
      report: ({ actor, during, error }) => log.error("room storage", { room: actor, during, error }),
    });
  } catch (error) {
    if (!(error instanceof RefusedError && error.code === "store-locked")) throw error;
    const option = variableOf("data", "folder");
    throw new StartError(`The data folder ${folder} is in use by another process; choose another with ${option}.`);
  }
}
