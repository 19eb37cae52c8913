import { Store } from "@satsuma/runtime/node/durable";

/** Opens a store and prints what becomes of that. */
try {
  await Store.open({ directory: process.argv[2] ?? "" }).close();
  process.stdout.write("opened");
} catch (error) {
  const { code, message } = error as { code: string; message: string };
  process.stdout.write(`${code}: ${message}`);
}
