/** How the process starts, says what is wrong, and ends; without anybody in a call. */
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { createServer } from "node:net";
import { describe, expect, test } from "vitest";
import { freeTcpPort, freeUdpPort } from "../../../scripts/ports.ts";
import { loopback } from "./stage/ports.ts";
import { launch, startServer } from "./stage/server.ts";

const main = [process.execPath, "apps/meet/server/main.ts"];

describe("a start that cannot go on is one sentence with the option to change", () => {
  test("when the TCP port is taken", async () => {
    const port = await freeTcpPort();
    const holder = createServer().listen(port, loopback);
    await once(holder, "listening");
    const meet = await launch(main, { SATSUMA_HTTP_PORT: String(port), SATSUMA_HTTP_HOST: loopback });
    await once(meet.process, "exit");
    expect(meet.output()).toBe(`TCP port ${port} is taken; choose another with SATSUMA_HTTP_PORT.\n`);
    expect(await meet.stop()).toBe(1);
    holder.close();
  });

  test("when the UDP port is taken", async () => {
    const port = await freeUdpPort();
    const holder = createSocket("udp4").bind(port, loopback);
    await once(holder, "listening");
    const meet = await launch(main, { SATSUMA_MEDIA_PORT: String(port) });
    await once(meet.process, "exit");
    expect(meet.output()).toBe(`UDP port ${port} is taken; choose another with SATSUMA_MEDIA_PORT.\n`);
    expect(await meet.stop()).toBe(1);
    holder.close();
  });
});

test("two processes beside each other keep apart", async () => {
  const [one, other] = await Promise.all([startServer(), startServer()]);
  const answers = await Promise.all([one, other].map(({ url }) => fetch(`${url}/healthz`)));
  expect(answers.map(({ status }) => status)).toEqual([200, 200]);
  expect(await Promise.all([one.stop(), other.stop()])).toEqual([0, 0]);
});
