import { afterAll, beforeAll, expect, test } from "vitest";
import { startWorkerd, type Workerd } from "./workerd.ts";

let workerd: Workerd;
beforeAll(async () => {
  workerd = await startWorkerd();
});
afterAll(() => workerd.close());

/** workerd 2026-07-30 evicts an object 10 seconds after its last event, and shows it in nothing but the next waking. */
const evictedAfterMs = 12_000;

test("[J13] an object that Cloudflare's runtime hibernates wakes with its state, sockets and attachments", async () => {
  const peer = await workerd.dialRestful("dozer");
  peer.send("before");
  await workerd.until(() => peer.received.length >= 2, 20_000);
  await workerd.askRestful("dozer", { do: "add", n: 7 });
  await new Promise((resolve) => setTimeout(resolve, evictedAfterMs));
  peer.send("after");
  await workerd.until(() => peer.received.length >= 3, 20_000);
  expect(peer.received.slice(1)).toEqual(["before 1", "after 2"]);
  expect(await workerd.askRestful("dozer", { do: "read" })).toMatchObject({ starts: 2, asked: 1, sum: 7 });
}, 60_000);
