/** Our SFU, driven through its Calls API over HTTP as any client drives it. */
import { randomBytes } from "node:crypto";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CallsClient } from "@satsuma/calls";
import type { Contender } from "./contender.ts";
import { Child, cores } from "./process.ts";

const trackName = "camera";

export const satsuma: Contender = {
  name: "Satsuma",
  async start() {
    const directory = mkdtempSync(join(tmpdir(), "satsuma-bench-"));
    const child = new Child("satsuma.child.ts", cores.contender);
    const secret = randomBytes(16).toString("hex");
    const mediaPort = await freeUdpPort();
    const url = await child.ask<string>("start", { mediaPort, secret, usageFile: join(directory, "usage.sqlite") });
    const calls = new CallsClient({ url, appId: "bench", secret });
    let publisher = "";
    return {
      pids: [child.pid],
      address: "127.0.0.1",
      async publish(offer) {
        publisher = (await calls.newSession()).sessionId;
        const { sessionDescription } = await calls.newTracks(publisher, {
          tracks: [{ location: "local", mid: "0", trackName }],
          sessionDescription: { type: "offer", sdp: offer },
        });
        return sessionDescription?.sdp ?? "";
      },
      async pull() {
        const { sessionId } = await calls.newSession();
        const { sessionDescription } = await calls.newTracks(sessionId, {
          tracks: [{ location: "remote", sessionId: publisher, trackName }],
        });
        return {
          offer: sessionDescription?.sdp ?? "",
          async answered(answer) {
            await calls.renegotiate(sessionId, { type: "answer", sdp: answer });
          },
        };
      },
      async stop() {
        await child.stop();
        rmSync(directory, { recursive: true, force: true });
      },
    };
  },
};

async function freeUdpPort(): Promise<number> {
  const socket = createSocket("udp4");
  socket.bind(0, "127.0.0.1");
  await once(socket, "listening");
  const { port } = socket.address();
  socket.close();
  await once(socket, "close");
  return port;
}
