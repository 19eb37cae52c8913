import { DatabaseSync } from "node:sqlite";
import { RefusedError } from "@satsuma/protocol";

/**
 * One process per store, by a lock of the operating system that ends with its process, however that ends.
 *
 * SQLite takes it: an exclusive transaction on a file of its own, held open.
 */
export function lockStore(directory: string): () => void {
  const database = new DatabaseSync(`${directory}/lock.db`);
  try {
    database.exec("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE");
  } catch (cause) {
    database.close();
    if (((cause as { errcode?: number }).errcode ?? 0) === 5) {
      throw new RefusedError("store-locked", `The store in ${directory} is already open in another process.`, {
        cause,
      });
    }
    throw cause;
  }
  return () => database.close();
}
