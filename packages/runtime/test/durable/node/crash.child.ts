import { writeSync } from "node:fs";
import { Store } from "@satsuma/runtime/node/durable";
import { type Account, Bumped, BumpedTable, names } from "./crash.actors.ts";

/** The process that is killed: bumps every actor as fast as it is acknowledged, and prints each acknowledgement. */
const store = Store.open({ directory: process.argv[2] ?? "", shards: 2 });
const shared = store.namespace("shared", Bumped, undefined);
const own = store.namespace("own", BumpedTable, undefined);
const actors = [...names.shared.map((name) => shared.get(name)), ...names.own.map((name) => own.get(name))];

await Promise.all(
  actors.map(async (actor) => {
    let { n } = (await actor.ask("read")) as Account;
    for (;;) {
      n++;
      await actor.ask({ bump: n });
      writeSync(1, `${actor.name} ${n}\n`);
    }
  }),
);
