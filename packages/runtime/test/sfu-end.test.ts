import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline/promises";
import { fileURLToPath } from "node:url";
import { allowing } from "@satsuma/testkit";
import { expect, test } from "vitest";

test("a process whose SFU was closed has nothing left to wait for", async () => {
  const script = fileURLToPath(new URL("./sfu-process.ts", import.meta.url));
  const child = spawn(process.execPath, ["--conditions=@satsuma/source", script, "secret"], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const exit = once(child, "exit");
  const [line] = (await once(createInterface({ input: child.stdout }), "line")) as [string];
  const { url } = JSON.parse(line) as { url: string };
  const post = (path: string, body: unknown) =>
    fetch(`${url}/apps/app/${path}`, {
      method: "POST",
      headers: { authorization: "Bearer secret", connection: "close" },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    }).then(async (response) => (await response.json()) as { sessionId: string; sessionDescription?: unknown });
  // One transport that answered and one that offered, neither of them ever connected.
  const { sessionId } = await post("sessions/new", undefined);
  const fingerprint = Array.from({ length: 32 }, () => "AB").join(":");
  const sdp = [
    "v=0",
    "o=- 1 1 IN IP4 127.0.0.1",
    "s=-",
    "t=0 0",
    "m=audio 9 UDP/TLS/RTP/SAVPF 111",
    "c=IN IP4 0.0.0.0",
    "a=ice-ufrag:ufrg",
    `a=ice-pwd:${"p".repeat(24)}`,
    `a=fingerprint:sha-256 ${fingerprint}`,
    "a=setup:actpass",
    "a=mid:0",
    "a=sendonly",
    "a=rtcp-mux",
    "a=rtpmap:111 opus/48000/2",
    "",
  ].join("\r\n");
  const tracks = [{ location: "local", mid: "0", trackName: "microphone" }];
  const pushed = await post(`sessions/${sessionId}/tracks/new`, { tracks, sessionDescription: { type: "offer", sdp } });
  expect(pushed.sessionDescription).toBeDefined();
  const other = await post("sessions/new", undefined);
  const invited = [{ location: "local", trackName: "voice", kind: "audio" }];
  expect((await post(`sessions/${other.sessionId}/tracks/new`, { tracks: invited })).sessionDescription).toBeDefined();
  // And one that was to have data channels.
  const third = await post("sessions/new", undefined);
  const established = await post(`sessions/${third.sessionId}/datachannels/establish`, { dataChannel: {} });
  expect(established.sessionDescription).toBeDefined();
  const asked = performance.now();
  child.stdin.end();
  expect(await exit).toEqual([0, null]);
  expect(performance.now() - asked).toBeLessThan(allowing(1_500));
});
