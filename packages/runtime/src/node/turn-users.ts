/**
 * coturn with `lt-cred-mech` and an SQLite user database: credentials are rows that coturn looks up, so one that is
 * deleted opens nothing any more. Relays that run on it are ended through coturn's command line interface.
 *
 * coturn does not know when a row expires; `sweep` deletes those that have, and is to be called about once a minute.
 */
import { createHash, randomBytes } from "node:crypto";
import { DatabaseSync } from "node:sqlite";
import { RefusedError } from "@satsuma/protocol";
import { iceServersOf, issuedBy, type Relay, usernameOf } from "@satsuma/sfu";
import { endRelays, type TurnCli } from "./turn-cli.ts";

export interface TurnUsersOptions {
  /** `stun:` and `turn:` URLs of the relay. */
  readonly urls: readonly string[];
  /** coturn's `userdb`. */
  readonly file: string;
  /** coturn's `realm`. */
  readonly realm: string;
  /** coturn's `cli-ip`, `cli-port` and `cli-password`; without it, relays that run go on until their peer stops. */
  readonly cli?: TurnCli;
}

export interface TurnUsers extends Relay {
  /** Ends what has expired. */
  sweep(): Promise<void>;
  close(): void;
}

/** `now` in milliseconds since the epoch. */
export function openTurnUsers({ urls, file, realm, cli }: TurnUsersOptions, now: () => number): TurnUsers {
  const database = new DatabaseSync(file);
  database.exec("PRAGMA busy_timeout = 5000");
  // coturn (4.6.1) does not wait for a lock: a lookup that met one of our commits would refuse good credentials. With a
  // write-ahead log, which stays with the file, readers and writers do not meet.
  database.exec("PRAGMA journal_mode = WAL");
  // coturn's own table (its schema.sql); either of us may come first.
  database.exec(
    "CREATE TABLE IF NOT EXISTS turnusers_lt (realm varchar(127) default '', name varchar(512), hmackey char(128), PRIMARY KEY (realm, name))",
  );
  const add = database.prepare("INSERT INTO turnusers_lt (realm, name, hmackey) VALUES (?, ?, ?)");
  const remove = database.prepare("DELETE FROM turnusers_lt WHERE realm = ? AND name = ?");
  const ofKey = database.prepare("SELECT name FROM turnusers_lt WHERE realm = ? AND name GLOB '*:' || ? || '.*'");
  // Names begin with their expiry in seconds, of ten digits until the year 2286.
  const expired = database.prepare("SELECT name FROM turnusers_lt WHERE realm = ? AND name GLOB ? AND name < ?");

  const end = async (names: readonly string[]) => {
    for (const name of names) remove.run(realm, name);
    if (cli !== undefined && names.length > 0) await endRelays(cli, new Set(names));
  };
  return {
    async issue(wish) {
      const username = usernameOf(wish, now(), randomBytes(16).toString("hex"));
      const credential = randomBytes(24).toString("base64url");
      // RFC 8489 §9.2.2: the key of long-term credentials.
      const key = createHash("md5").update(`${username}:${realm}:${credential}`).digest("hex");
      add.run(realm, username, key);
      return iceServersOf(urls, username, credential);
    },
    async revoke(key, username) {
      // Whether the row is still there does not matter: an earlier attempt may have failed to reach coturn after it.
      if (!issuedBy(key, username)) throw new RefusedError("not_found", "There are no such credentials.");
      await end([username]);
    },
    forget: (key) => end(ofKey.all(realm, key).map(({ name }) => String(name))),
    async sweep() {
      const shape = `${"[0-9]".repeat(10)}:*`;
      await end(expired.all(realm, shape, String(Math.floor(now() / 1_000))).map(({ name }) => String(name)));
    },
    close: () => database.close(),
  };
}
