/** WebSocket media adapters with real WebSockets, real Opus and a WebRTC peer that shares no code with ours. */
import { afterEach, expect, test, vi } from "vitest";
import { AudioEndpoint, muteEndpoint } from "./audio-endpoint.ts";
import { listener, speaker } from "./foreign-peer.ts";
import { startSfu, type TestSfu } from "./rtc-client.ts";

const patience = { timeout: 20_000, interval: 20 };
const open: { close(): void }[] = [];

afterEach(() => {
  for (const each of open.splice(0).reverse()) each.close();
});

test("PCM of a WebSocket is heard in a call, at the pace of speech however fast it came", {
  timeout: 40_000,
}, async () => {
  const { sfu, endpoint } = await start();
  const published = await adapter(sfu, {
    location: "local",
    trackName: "tts",
    endpoint: endpoint.url,
    inputCodec: "pcm",
  });
  expect(published).toMatchObject({ adapterId: expect.stringMatching(/^[\da-f]{32}$/), endpoint: endpoint.url });
  const session = published?.sessionId ?? "";
  const client = await listener(sfu, session, "tts");
  open.push(client);
  await vi.waitFor(() => expect(client.connected).toBe(true), patience);
  const began = performance.now();
  endpoint.say(440, 150);
  await vi.waitFor(() => expect(client.ear.shareAt(440)).toBeGreaterThan(0.8), patience);
  expect(performance.now() - began).toBeGreaterThan(400);
  expect((await sfu.call("GET", `sessions/${session}`)).json.tracks).toEqual([
    expect.objectContaining({ trackName: "tts", status: "active" }),
  ]);

  const closed = await close(sfu, published?.adapterId);
  expect(closed.json.tracks).toEqual([{ adapterId: published?.adapterId, bytesProcessed: 150 * 3_840 }]);
  await vi.waitFor(() => expect(endpoint.closeCodes).toEqual([1000]), patience);
  expect((await sfu.call("GET", `sessions/${session}`)).status).toBe(410);
  const again = await close(sfu, published?.adapterId);
  expect(again).toMatchObject({ status: 200, json: { tracks: [{ adapterId: published?.adapterId }] } });
  expect(again.json.tracks?.[0]).not.toHaveProperty("bytesProcessed");
  expect(sfu.errors).toEqual([]);
});

test("a call is heard on a WebSocket as PCM, without holes, and again after the WebSocket was lost", {
  timeout: 60_000,
}, async () => {
  const { sfu, endpoint } = await start();
  const { session, peer } = await speaker(sfu, 1_000);
  open.push(peer);
  await vi.waitFor(() => expect(peer.connected).toBe(true), patience);
  const playing = {
    location: "remote",
    sessionId: session,
    trackName: "mic",
    endpoint: endpoint.url,
    outputCodec: "pcm",
  };
  const played = await adapter(sfu, playing);
  expect(played).toMatchObject({ sessionId: session, adapterId: expect.any(String) });
  await vi.waitFor(() => expect(endpoint.shareAt(1_000)).toBeGreaterThan(0.8), patience);
  endpoint.headers.forEach(({ sequenceNumber, timestamp }, index) => {
    expect(sequenceNumber).toBe(index);
    expect((timestamp - (endpoint.headers[0]?.timestamp ?? 0)) >>> 0).toBe(index * 960);
  });

  endpoint.drop();
  await vi.waitFor(() => expect(endpoint.connections).toBe(2), patience);
  const before = endpoint.heardBytes;
  await vi.waitFor(() => expect(endpoint.heardBytes).toBeGreaterThan(before + 50 * 3_840), patience);
  expect(endpoint.shareAt(1_000)).toBeGreaterThan(0.8);

  const closed = await close(sfu, played?.adapterId);
  expect(closed.json.tracks?.[0]?.bytesProcessed).toBeGreaterThanOrEqual(endpoint.heardBytes - 10 * 3_840);
  await vi.waitFor(() => expect(endpoint.closeCodes).toContain(1000), patience);
  expect(sfu.sessionCount()).toBe(1);
});

test("an egress whose endpoint stays away is given up, and an ingest ends with its WebSocket", {
  timeout: 40_000,
}, async () => {
  const { sfu, endpoint } = await start({ reconnect: 600 });
  const published = await adapter(sfu, {
    location: "local",
    trackName: "tts",
    endpoint: endpoint.url,
    inputCodec: "pcm",
  });
  const away = await AudioEndpoint.open();
  open.push(away);
  const playing = { location: "remote", sessionId: published?.sessionId, trackName: "tts", outputCodec: "pcm" };
  expect(await adapter(sfu, { ...playing, endpoint: away.url })).toHaveProperty("adapterId");
  expect(sfu.sessionCount()).toBe(2);
  away.close();
  await vi.waitFor(() => expect(sfu.sessionCount()).toBe(1), patience);
  endpoint.drop();
  await vi.waitFor(() => expect(sfu.sessionCount()).toBe(0), patience);
  expect(endpoint.connections).toBe(1);
  expect(sfu.errors).toEqual([]);
});

test("an egress ends when nothing has come of its track for too long", { timeout: 40_000 }, async () => {
  // An idle ingest is heard once a second.
  const { sfu, endpoint } = await start({ silence: 1_500 });
  const source = await AudioEndpoint.open();
  open.push(source);
  const local = { location: "local", trackName: "tts", endpoint: source.url, inputCodec: "pcm" };
  const published = await adapter(sfu, local);
  const { sessionId } = published ?? {};
  await adapter(sfu, { location: "remote", sessionId, trackName: "tts", endpoint: endpoint.url, outputCodec: "pcm" });
  await vi.waitFor(() => expect(endpoint.headers.length).toBeGreaterThan(2), patience);
  expect(endpoint.closeCodes).toEqual([]);
  await close(sfu, published?.adapterId);
  await vi.waitFor(() => expect(endpoint.closeCodes).toEqual([1000]), patience);
  expect(sfu.sessionCount()).toBe(0);
});

test("the app's end, or the server's, ends the WebSockets too", async () => {
  const { sfu, endpoint } = await start();
  await adapter(sfu, { location: "local", trackName: "tts", endpoint: endpoint.url, inputCodec: "pcm" });
  sfu.close();
  await vi.waitFor(() => expect(endpoint.closeCodes).toEqual([1000]), patience);
});

test.each([
  ["what is no packet", Uint8Array.of(0xff, 0xff, 0xff), 1007],
  ["a message over 32 KB", new Uint8Array(32_769), 1009],
])("an ingest that is sent %s ends", async (_, message, code) => {
  const { sfu, endpoint } = await start();
  await adapter(sfu, { location: "local", trackName: "tts", endpoint: endpoint.url, inputCodec: "pcm" });
  endpoint.socket?.send("text is not audio, and passed over");
  endpoint.socket?.send(message);
  await vi.waitFor(() => expect(endpoint.closeCodes).toEqual([code]), patience);
  await vi.waitFor(() => expect(sfu.sessionCount()).toBe(0), patience);
});

test("a sender that is far ahead has to wait, and the server keeps a bounded part", async () => {
  const { sfu, endpoint } = await start();
  await adapter(sfu, { location: "local", trackName: "tts", endpoint: endpoint.url, inputCodec: "pcm" });
  const payload = new Uint8Array(32_000);
  const before = process.memoryUsage().arrayBuffers;
  // 64 MB, 5.5 minutes of sound: most of it has to wait in the sender's own buffers.
  for (let count = 0; count < 2_000; count += 1)
    endpoint.socket?.send(Buffer.concat([Uint8Array.of(0x2a, 0x80, 0xfa, 0x01), payload]));
  await vi.waitFor(() => expect(endpoint.socket?.bufferedAmount).toBeGreaterThan(0), patience);
  await new Promise((resolve) => setImmediate(resolve));
  const waiting = endpoint.socket?.bufferedAmount ?? 0;
  expect(waiting).toBeGreaterThan(30_000_000);
  expect(process.memoryUsage().arrayBuffers - before - waiting).toBeLessThan(40_000_000);
});

test.each([
  ["nobody listens", "ws://127.0.0.1:1/", "websocket_handshake_failed"],
  ["there is no WebSocket", "/nothing-here", "websocket_handshake_failed"],
  ["nothing is ever said", "mute", "websocket_connection_timeout"],
])("an endpoint where %s fails its item, and leaves nothing behind", async (_, where, errorCode) => {
  const { sfu, endpoint } = await start({ dial: 300 });
  const mute = await muteEndpoint();
  open.push(mute);
  const url = where === "mute" ? mute.url : where.startsWith("/") ? `ws://127.0.0.1:${endpoint.port}${where}` : where;
  const { status, json } = await make(sfu, [{ location: "local", trackName: "t", endpoint: url, inputCodec: "pcm" }]);
  expect(status).toBe(503);
  expect(json.tracks).toEqual([
    { trackName: "t", endpoint: url, errorCode, errorDescription: expect.not.stringMatching(/127|Error|ECONN/) },
  ]);
  expect(sfu.sessionCount()).toBe(0);
});

test.each([
  ["ws://localhost:9/", "websocket_localhost_not_allowed"],
  ["ws://127.8.8.8:9/", "websocket_localhost_not_allowed"],
  ["ws://0.0.0.0:9/", "websocket_localhost_not_allowed"],
  ["ws://[::1]:9/", "websocket_localhost_not_allowed"],
  ["ws://[::ffff:127.0.0.1]:9/", "websocket_localhost_not_allowed"],
  ["ws://2130706433:9/", "websocket_localhost_not_allowed"],
  ["ws://10.1.2.3:9/", "websocket_address_not_allowed"],
  ["ws://169.254.169.254/latest/meta-data", "websocket_address_not_allowed"],
  ["ws://[::ffff:192.168.0.1]:9/", "websocket_address_not_allowed"],
  ["ws://[fe80::1]:9/", "websocket_address_not_allowed"],
  ["ws://[fd00::1]:9/", "websocket_address_not_allowed"],
  ["ws://[64:ff9b::a00:1]:9/", "websocket_address_not_allowed"],
])("unless configured, %s is not dialled", async (endpoint, errorCode) => {
  const sfu = await startSfu();
  open.push(sfu);
  const { json } = await make(sfu, [{ location: "local", trackName: "t", endpoint, inputCodec: "pcm" }]);
  expect(json.tracks?.[0]).toMatchObject({ errorCode });
  expect(sfu.errors).toEqual([]);
});

test("items succeed and fail one by one", async () => {
  const { sfu, endpoint } = await start({ adapters: 2 });
  const good = { location: "local", trackName: "tts", endpoint: endpoint.url, inputCodec: "pcm" };
  const remote = { location: "remote", sessionId: "0".repeat(32), trackName: "mic", endpoint: endpoint.url };
  const { status, json } = await make(sfu, [
    good,
    { ...remote, outputCodec: "pcm" },
    { ...remote, outputCodec: "jpeg" },
    good,
  ]);
  expect(status).toBe(200);
  const codes = json.tracks?.map((track) => track.errorCode);
  expect(codes?.[0]).toBeUndefined();
  expect(["not_found_track_error", "temporarily_unavailable_error"]).toContain(codes?.[1]);
  expect(codes?.slice(2)).toEqual(["temporarily_unavailable_error", "temporarily_unavailable_error"]);
  expect((await make(sfu, [{ ...remote, outputCodec: "jpeg" }])).json.tracks?.[0]?.errorCode).toBe(
    "unsupported_codec_error",
  );
  expect((await make(sfu, [{ ...remote, outputCodec: "pcm" }])).json.tracks?.[0]?.errorCode).toBe(
    "not_found_track_error",
  );
  expect(await close(sfu, "no-id")).toMatchObject({
    status: 503,
    json: { tracks: [{ errorCode: "adapter_not_found" }] },
  });
  expect((await close(sfu, "0".repeat(32))).status).toBe(200);
});

const item = { location: "local", trackName: "t", endpoint: "wss://example.com/", inputCodec: "pcm" };
test.each([
  ["no item", { tracks: [] }, 406, "invalid_params"],
  ["five items", { tracks: [item, item, item, item, item] }, 406, "invalid_params"],
  ["no endpoint", { tracks: [{ ...item, endpoint: undefined }] }, 406, "invalid_params"],
  ["an http endpoint", { tracks: [{ ...item, endpoint: "http://example.com/" }] }, 406, "invalid_params"],
  ["a password", { tracks: [{ ...item, endpoint: "ws://a:b@example.com/" }] }, 406, "invalid_params"],
  ["another codec", { tracks: [{ ...item, inputCodec: "opus" }] }, 406, "invalid_params"],
  ["nowhere to go", { tracks: [{ ...item, location: "elsewhere" }] }, 406, "invalid_params"],
  ["a slash in its name", { tracks: [{ ...item, trackName: "a/b" }] }, 406, "invalid_params"],
  ["no tracks", {}, 400, "decoding_error"],
  ["numbers for words", { tracks: [{ ...item, endpoint: 5 }] }, 400, "decoding_error"],
])("a request with %s is refused", async (_, body, status, errorCode) => {
  const sfu = await startSfu();
  open.push(sfu);
  expect(await sfu.call("POST", "adapters/websocket/new", body)).toMatchObject({ status, json: { errorCode } });
});

async function start(limits: { dial?: number; reconnect?: number; adapters?: number; silence?: number } = {}) {
  const sfu = await startSfu({}, {}, { ...limits, destinations: { loopback: true } });
  const endpoint = await AudioEndpoint.open();
  open.push(sfu, endpoint);
  return { sfu, endpoint };
}

function make(sfu: TestSfu, tracks: readonly object[]) {
  return sfu.call("POST", "adapters/websocket/new", { tracks });
}

async function adapter(sfu: TestSfu, track: object) {
  const { status, json } = await make(sfu, [track]);
  expect({ status, errors: json.tracks?.map((result) => result.errorCode) }).toEqual({
    status: 200,
    errors: [undefined],
  });
  return json.tracks?.[0];
}

function close(sfu: TestSfu, adapterId: string | undefined) {
  return sfu.call("POST", "adapters/websocket/close", { tracks: [{ adapterId }] });
}
