/** Keys that are forgotten with the process: for a server without a data folder, and for tests. */
import type { Key, KeyKind, KeyStore } from "./keys.ts";

export function memoryKeys(): KeyStore {
  const kinds: Readonly<Record<KeyKind, Map<string, Key>>> = { app: new Map(), turn: new Map() };
  return {
    list: (kind) => [...kinds[kind].values()],
    get: (kind, uid) => kinds[kind].get(uid),
    put: (kind, key) => void kinds[kind].set(key.uid, key),
    remove: (kind, uid) => void kinds[kind].delete(uid),
  };
}
