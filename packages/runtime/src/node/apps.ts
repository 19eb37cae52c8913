/** Apps and TURN keys in a SQLite file, and what `@satsuma/sfu` needs of Node to make them. */
import { createHash, randomBytes } from "node:crypto";
import { chmodSync, mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { Key, KeyPlatform, KeyStore } from "@satsuma/sfu";
import { now } from "./clock.ts";

export const keyPlatform: KeyPlatform = {
  now,
  iso: (time) => new Date(time).toISOString(),
  newId: () => randomBytes(16).toString("hex"),
  newSecret: () => randomBytes(32).toString("hex"),
  digest: (text) => createHash("sha256").update(text).digest("hex"),
};

export interface KeptKeys extends KeyStore {
  close(): void;
}

/** Opens the file, or makes it, readable by its owner only. What `put` returned from survives a crash of the machine. */
export function openKeys(path: string): KeptKeys {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const database = new DatabaseSync(path);
  chmodSync(path, 0o600);
  database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA busy_timeout = 5000");
  database.exec(
    "CREATE TABLE IF NOT EXISTS keys (kind TEXT, uid TEXT, key TEXT NOT NULL, PRIMARY KEY (kind, uid)) STRICT",
  );
  const list = database.prepare("SELECT key FROM keys WHERE kind = ? ORDER BY rowid");
  const get = database.prepare("SELECT key FROM keys WHERE kind = ? AND uid = ?");
  const put = database.prepare(
    "INSERT INTO keys (kind, uid, key) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET key = excluded.key",
  );
  const remove = database.prepare("DELETE FROM keys WHERE kind = ? AND uid = ?");
  return {
    list: (kind) => list.all(kind).map(read),
    get(kind, uid) {
      const row = get.get(kind, uid);
      return row && read(row);
    },
    put: (kind, key) => void put.run(kind, key.uid, JSON.stringify(key)),
    remove: (kind, uid) => void remove.run(kind, uid),
    close: () => database.close(),
  };
}

/** Nobody but us writes the file, so its rows are as we wrote them. */
function read(row: Record<string, unknown>): Key {
  return JSON.parse(String(row.key)) as Key;
}
