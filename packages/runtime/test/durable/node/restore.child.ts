import { restoreStore } from "@satsuma/runtime/node/durable";

/** Restores a backup next to it, and may be cut off by a limit on the size of files. */
const directory = process.argv[2] ?? "";
await restoreStore(`${directory}/copy`, `${directory}/there`).then(
  () => process.stdout.write("restored"),
  () => process.stdout.write("cut off"),
);
