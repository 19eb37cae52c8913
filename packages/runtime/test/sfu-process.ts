/**
 * An SFU in a process of its own for tests, on the ports that it is given or on any, with other limits as JSON, and with media workers: prints one JSON line with its URL, and ends by itself after its standard
 * input closed, with nothing left that would keep it.
 */

import { freeUdpPort } from "../../../scripts/ports.ts";
import { listen } from "../src/node/listen.ts";
import { createSfu } from "../src/node/sfu.ts";

const [, , secret = "secret", httpPort = "0", mediaPort, limits = "{}", workers = "1"] = process.argv;
const apps = ["app", "other"].map((id) => ({ id, secret }));
const sfu = await createSfu({
  apps,
  limits: JSON.parse(limits),
  workers: Number(workers),
  media: {
    port: mediaPort === undefined || mediaPort === "0" ? await freeUdpPort(Number(workers)) : Number(mediaPort),
    bindAddress: "127.0.0.1",
    advertise: undefined,
  },
  onError: (error) => process.stderr.write(`${error}\n`),
});
const http = await listen({
  fetch: sfu.fetch,
  upgrade: (_, socket) => socket.destroy(),
  host: "127.0.0.1",
  port: Number(httpPort),
});
process.stdout.write(`${JSON.stringify({ url: `http://127.0.0.1:${http.port}/v1` })}\n`);
process.stdin.once("end", () => {
  sfu.close();
  void http.close(100);
});
process.stdin.resume();
