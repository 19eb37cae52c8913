/** What an operator reads of a session while media flows and gets lost. */
import type { SessionStats } from "@satsuma/protocol";
import { expect, test } from "vitest";
import { type Answer, Api, push } from "./api.ts";
import { accepting } from "./descriptions.ts";
import { ascii, pictureLossPacket, rtcp, rtp, vp8 } from "./packets.ts";
import type { Wire } from "./wire.ts";

test("a session's statistics tell what it sends and receives, what was lost, asked for and sent again", async () => {
  const { api, from, to, one, two, ssrc } = await call();
  const send = (sequence: number, key = false) =>
    from.deliver(
      rtp({
        ssrc: 9,
        sequence,
        timestamp: sequence * 3_000,
        marker: true,
        payload: Uint8Array.of(...vp8({ key }), ...new Uint8Array(1_000)),
        extensions: [{ id: 4, data: ascii("0") }],
      }),
    );
  send(0, true);
  // 30 pictures a second for four seconds, every tenth lost.
  for (let sequence = 1; sequence < 120; sequence += 1) {
    api.world.advance(33);
    if (sequence % 10 !== 0) send(sequence);
  }
  to.deliver(rtcp(1, 205, [1, ssrc, 0]));
  to.deliver(pictureLossPacket(ssrc));
  to.deliver(rtcp(1, 201, [1, ssrc, 0x40_000003, 119, 900, 0, 0]));
  const publisher = await told(api, one);
  expect(publisher).toMatchObject({
    received: [],
    published: [
      {
        trackName: "cam",
        mid: "0",
        kind: "video",
        codec: "VP8",
        subscribers: 1,
        layers: [{ ssrc: 9, active: true, packets: 109, lost: 11, keyframes: 1, repaired: 0 }],
      },
    ],
  });
  const layer = publisher.published[0]?.layers[0];
  expect(layer?.bitrate).toBeGreaterThan(0.85 * 8 * 1_028 * 27);
  expect(layer?.bitrate).toBeLessThan(1.1 * 8 * 1_028 * 30);
  expect(layer?.framesPerSecond).toBeGreaterThan(25);
  expect(layer?.framesPerSecond).toBeLessThan(30);
  expect(layer?.fractionLost).toBeGreaterThan(0.05);
  expect(layer?.keyframeRequests).toBeGreaterThan(0);
  const subscriber = await told(api, two);
  expect(subscriber).toMatchObject({
    published: [],
    received: [
      {
        sessionId: one,
        trackName: "cam",
        ssrc,
        packets: 109,
        nacked: 1,
        keyframeRequests: 1,
        lost: 3,
        fractionLost: 0.25,
        jitter: 10,
      },
    ],
  });
  const [received] = subscriber.received;
  expect(received?.framesPerSecond).toBeGreaterThan(25);
  expect(received?.bitrate).toBeGreaterThan(0.85 * 8 * 1_012 * 27);
});

test("statistics of a session that does nothing are empty, of none they are refused, and of another app too", async () => {
  const { api, one } = await call();
  const { id } = await api.world.sfu.newSession("app", undefined);
  expect(await stats(api, id)).toMatchObject({ status: 200, json: { published: [], received: [] } });
  expect((await stats(api, "f".repeat(32))).status).toBe(410);
  expect((await api.call({ path: `/v1/apps/other/sessions/${one}/stats`, method: "GET" })).status).toBe(401);
});

function stats(api: Api, session: string): Promise<Answer> {
  return api.call({ path: `/v1/apps/app/sessions/${session}/stats`, method: "GET" });
}

async function told(api: Api, session: string): Promise<SessionStats> {
  return (await stats(api, session)).json as SessionStats;
}

/** One session publishes a camera, another receives it under `ssrc`. */
async function call() {
  const api = new Api();
  const { sfu, wires } = api.world;
  const { id: one } = await sfu.newSession("app", undefined);
  await sfu.tracks("app", one, { ...push, tracks: [{ location: "local", mid: "0", trackName: "cam" }] });
  const [from] = wires as [Wire];
  from.enter("connected");
  const { id: two } = await sfu.newSession("app", undefined);
  const pulled = await sfu.tracks("app", two, { tracks: [{ location: "remote", sessionId: one, trackName: "cam" }] });
  const offered = pulled.sessionDescription?.sdp ?? "";
  await sfu.renegotiate("app", two, accepting(offered));
  const to = wires[1] as Wire;
  to.enter("connected");
  return { api, one, two, from, to, ssrc: Number(/a=ssrc:(\d+) /.exec(offered)?.[1]) };
}
