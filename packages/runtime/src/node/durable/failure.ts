import { RefusedError } from "@satsuma/protocol";

/** SQLite's primary result codes that have a meaning of their own here (sqlite.org/rescode.html). */
const corrupt = new Set([11, 26]); // SQLITE_CORRUPT, SQLITE_NOTADB
const full = 13; // SQLITE_FULL
const outOfSpace = new Set(["ENOSPC", "EDQUOT", "EFBIG"]);

/** What a failing SQLite or file call means to an actor. `file` is named without its folder. */
export function storageError(error: unknown, file: string): RefusedError {
  if (error instanceof RefusedError) return error;
  const { errcode, code } = error as { errcode?: number; code?: string };
  const primary = (errcode ?? 0) & 0xff;
  if (corrupt.has(primary)) {
    const sentence = `The store's file ${file} is damaged; restore it from a backup.`;
    return new RefusedError("storage-corrupt", sentence, { cause: error });
  }
  if (primary === full || outOfSpace.has(code ?? "")) {
    return new RefusedError("storage-full", "The disk of the store is full.", { cause: error });
  }
  return new RefusedError("storage-failed", `The store's file ${file} cannot be read or written.`, { cause: error });
}
