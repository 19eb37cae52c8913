import { Actor, type Migration } from "@satsuma/durable";

export type LedgerQuestion =
  | { readonly do: "set"; readonly entries: Readonly<Record<string, string | number>> }
  | { readonly do: "remove"; readonly key: string }
  | { readonly do: "clear" | "read" }
  | { readonly do: "alarm"; readonly at: number };

/** For tests of the store: keeps what it is told, and shows all of it. */
export class Ledger extends Actor {
  override async ask(question: LedgerQuestion): Promise<unknown> {
    const { storage } = this.context;
    switch (question.do) {
      case "set":
        return storage.put(question.entries);
      case "remove":
        return storage.delete(question.key);
      case "clear":
        return storage.deleteAll();
      case "alarm":
        return storage.setAlarm(question.at);
      case "read":
        return { ...Object.fromEntries(await storage.list()), alarm: await storage.getAlarm() };
    }
  }
}

/** The same kept in a table. */
export class Table extends Actor {
  static override readonly sql: boolean = true;
  static override readonly migrations: readonly Migration[] = [
    (storage) => {
      storage.sql.exec("CREATE TABLE entries (key TEXT PRIMARY KEY, value ANY) STRICT");
    },
  ];

  override async ask(question: LedgerQuestion): Promise<unknown> {
    const { storage } = this.context;
    switch (question.do) {
      case "set":
        for (const [key, value] of Object.entries(question.entries)) {
          storage.sql.exec("INSERT OR REPLACE INTO entries VALUES (?, ?)", key, value);
          await storage.put(`copy:${key}`, value);
        }
        return undefined;
      case "remove":
        storage.sql.exec("DELETE FROM entries WHERE key = ?", question.key);
        return storage.delete(`copy:${question.key}`);
      case "clear":
        return storage.deleteAll();
      case "alarm":
        return storage.setAlarm(question.at);
      case "read": {
        const rows = storage.sql.exec<{ key: string; value: string }>("SELECT key, value FROM entries ORDER BY key");
        const copies = await storage.list({ prefix: "copy:" });
        const table = Object.fromEntries([...rows].map(({ key, value }) => [key, value]));
        const copied = Object.fromEntries([...copies].map(([key, value]) => [key.slice(5), value]));
        if (JSON.stringify(table) !== JSON.stringify(copied)) throw new Error("The table and the keys differ.");
        return { ...table, alarm: await storage.getAlarm() };
      }
    }
  }
}
