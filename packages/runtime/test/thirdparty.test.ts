/** Sessions towards a foreign media server, the way that rooms invite an AI over WebRTC: we offer, it answers. */
import { afterEach, describe, expect, test, vi } from "vitest";
import { ForeignPeer, listener, speaker } from "./foreign-peer.ts";
import { startSfu, type TestSfu } from "./rtc-client.ts";

const patience = { timeout: 20_000, interval: 20 };
const open: { close(): void }[] = [];

afterEach(() => {
  for (const each of open.splice(0).reverse()) each.close();
});

describe.each([
  ["a full ICE agent", false],
  ["an ICE-lite server", true],
])("a foreign peer that is %s", (_, lite) => {
  test("is heard by our clients and hears one of them, on the one m-line that we offered", {
    timeout: 40_000,
  }, async () => {
    const sfu = await startSfu();
    open.push(sfu);
    const { session, peer, offer } = await invite(sfu, lite);
    expect(offer).toContain("a=sendrecv");
    expect(offer).not.toContain("a=ice-lite");
    expect(offer).toMatch(/^a=candidate:/m);
    await vi.waitFor(() => expect(peer.connected).toBe(true), patience);
    await peer.speak(440);
    const client = await listener(sfu, session, "ai-generated-voice");
    open.push(client);
    await vi.waitFor(() => expect(client.ear.shareAt(440)).toBeGreaterThan(0.8), patience);

    const human = await speaker(sfu, 1_000);
    open.push(human.peer);
    await vi.waitFor(() => expect(human.peer.connected).toBe(true), patience);
    const handed = await sfu.call("POST", `sessions/${session}/tracks/new?`, {
      tracks: [{ location: "remote", sessionId: human.session, trackName: "mic", mid: "#ai-generated-voice" }],
    });
    expect(handed.status).toBe(200);
    expect(handed.json.tracks).toHaveLength(1);
    expect(handed.json.tracks?.[0]).not.toHaveProperty("errorCode");
    expect(handed.json.sessionDescription).toBeUndefined();
    await vi.waitFor(() => expect(peer.ear.shareAt(1_000)).toBeGreaterThan(0.8), patience);
    expect(client.ear.shareAt(440)).toBeGreaterThan(0.8);

    const second = await speaker(sfu, 2_000);
    open.push(second.peer);
    await vi.waitFor(() => expect(second.peer.connected).toBe(true), patience);
    await sfu.call("POST", `sessions/${session}/tracks/new?`, {
      tracks: [{ location: "remote", sessionId: second.session, trackName: "mic", mid: "#ai-generated-voice" }],
    });
    await vi.waitFor(() => expect(peer.ear.shareAt(2_000)).toBeGreaterThan(0.8), patience);
    expect(sfu.errors).toEqual([]);
  });
});

test("an ICE-lite server that offers is answered, and heard", { timeout: 40_000 }, async () => {
  const sfu = await startSfu();
  open.push(sfu);
  const { session, peer } = await speaker(sfu, 440, true);
  open.push(peer);
  await vi.waitFor(() => expect(peer.connected).toBe(true), patience);
  const client = await listener(sfu, session, "mic");
  open.push(client);
  await vi.waitFor(() => expect(client.ear.shareAt(440)).toBeGreaterThan(0.8), patience);
});

test("an ICE-lite answer in an ordinary session is refused, since it could never connect", async () => {
  const sfu = await startSfu();
  open.push(sfu);
  const session = await sfu.session();
  const invited = await sfu.call("POST", `sessions/${session}/tracks/new`, {
    tracks: [{ location: "local", trackName: "voice", kind: "audio" }],
  });
  const peer = await ForeignPeer.open(true);
  open.push(peer);
  const sdp = await peer.answer(invited.json.sessionDescription?.sdp ?? "");
  const answered = await sfu.call("PUT", `sessions/${session}/renegotiate`, {
    sessionDescription: { type: "answer", sdp },
  });
  expect(answered).toMatchObject({ status: 406, json: { errorCode: "invalid_session_description" } });
});

test.each(["?thirdparty=true&correlationId=a%20room", "?thirdparty=false", "?thirdparty=perhaps&streamDebug", "?"])(
  "a session begins whatever its query says: %s",
  async (query) => {
    const sfu = await startSfu();
    open.push(sfu);
    const { status, json } = await sfu.call("POST", `sessions/new${query}`);
    expect(status).toBe(201);
    expect(json.sessionId).toMatch(/^[\da-f]{32}$/);
  },
);

/** The calls that a room makes to invite an AI, with a peer of ours in its place. */
async function invite(sfu: TestSfu, lite: boolean) {
  const created = await sfu.call("POST", "sessions/new?correlationId=room&thirdparty=true");
  expect(created.status).toBe(201);
  const session = created.json.sessionId ?? "";
  const invited = await sfu.call("POST", `sessions/${session}/tracks/new?correlationId=room`, {
    tracks: [{ location: "local", trackName: "ai-generated-voice", bidirectionalMediaStream: true, kind: "audio" }],
  });
  const offer = invited.json.sessionDescription?.sdp ?? "";
  const peer = await ForeignPeer.open(lite);
  open.push(peer);
  const sdp = await peer.answer(offer);
  expect(sdp.includes("a=ice-lite")).toBe(lite);
  const answered = await sfu.call("PUT", `sessions/${session}/renegotiate?correlationId=room`, {
    sessionDescription: { type: "answer", sdp },
  });
  expect(answered.status).toBe(200);
  return { session, peer, offer };
}
