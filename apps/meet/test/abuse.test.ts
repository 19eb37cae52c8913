/** Bad input of every kind while two people are in a call: each is answered with a code, and the call goes on. */
import { randomBytes, randomInt } from "node:crypto";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { Chromium } from "./stage/browser.ts";
import { Person } from "./stage/person.ts";
import { type Server, startServer } from "./stage/server.ts";
import { call, say, sayAsMember, throwAtMedia, tokenFor, writeAfterUpgrade } from "./stage/stranger.ts";

const room = "abused";
const app = "abused-app";
const secret = "a secret that only this test and its server know";

let server: Server;
let browsers: Chromium[] = [];
let anna: Person;
let ben: Person;

beforeAll(async () => {
  server = await startServer({
    SATSUMA_SFU_APP: app,
    SATSUMA_SFU_SECRET: secret.replaceAll(" ", "-"),
    SATSUMA_ROOMS_GRACE: "500",
  });
  browsers = await Promise.all([
    Chromium.start({ camera: { width: 320, height: 180 }, pitch: 200 }),
    Chromium.start({ camera: { width: 240, height: 180 }, pitch: 130 }),
  ]);
  anna = await Person.inCall("Anna", browsers[0] as Chromium, server.url, room);
  ben = await Person.inCall("Ben", browsers[1] as Chromium, server.url, room);
  await Promise.all([anna.sees("Ben"), ben.sees("Anna")]);
});

afterEach(async () => {
  // Unharmed: still the same two, who still see each other, and the process has nothing to complain of.
  await Promise.all([anna.surroundedBy(["Ben"]), ben.surroundedBy(["Anna"])]);
  await Promise.all([anna.sees("Ben"), ben.sees("Anna")]);
  expect(server.process.exitCode).toBeNull();
  expect(server.output()).not.toContain('"level":"error"');
});

afterAll(async () => {
  await Promise.all(browsers.map((browser) => browser.close()));
  await server?.stop();
});

describe("on the room's socket", () => {
  test("bytes that are no WebSocket frame", async () => {
    // All reserved bits set, an opcode that does not exist, and not masked.
    expect(await writeAfterUpgrade(server, room, Buffer.from([0xff, 0x05, 1, 2, 3, 4, 5]))).toContain("bad-message");
  });

  test("text that is not JSON", async () => {
    const { messages, close } = await say(server, room, ["{"]);
    expect(messages).toMatchObject([{ type: "error", code: "bad-message" }]);
    expect(close).toEqual({ code: 4400, reason: "bad-message" });
  });

  test("a binary frame", async () => {
    const { close } = await say(server, room, [new Uint8Array([1, 2, 3])]);
    expect(close.reason).toBe("bad-message");
  });

  test("a frame that is too large", async () => {
    const { messages, close } = await say(server, room, ["x".repeat(70_000)]);
    expect(messages).toMatchObject([{ type: "error", code: "too-large" }]);
    expect(close.reason).toBe("too-large");
  });

  test("a command before the hello", async () => {
    const { messages, close } = await say(server, room, [
      JSON.stringify({ type: "command", id: 1, command: { do: "leave" } }),
    ]);
    expect(messages).toMatchObject([{ type: "error", id: 1, code: "hello-first" }]);
    expect(close).toEqual({ code: 4401, reason: "hello-first" });
  });

  test("a hello with a token of somebody's own making", async () => {
    const { close } = await say(server, room, [
      JSON.stringify({ type: "hello", protocols: [2], client: "c", token: "made.up.token" }),
    ]);
    expect(close.reason).toBe("bad-token");
  });

  test("message types and commands that do not exist, and tracks without end, from a member", async () => {
    const tracks = Array.from({ length: 1_000 }, (_, index) => ({ name: `t${index}` }));
    const { messages } = await sayAsMember(server, room, [
      JSON.stringify({ type: "shout" }),
      JSON.stringify({ type: "command", id: 7, command: { do: "rule-the-world" } }),
      JSON.stringify({ type: "command", id: 8, command: { do: "publish", tracks } }),
    ]);
    const refused = messages.filter(({ type }) => type === "error");
    expect(refused).toMatchObject([
      { code: "unknown-command" },
      { code: "unknown-command", id: 7 },
      { code: "bad-message", id: 8 },
    ]);
  });

  test("more messages than anybody needs", async () => {
    const { close } = await sayAsMember(server, room, Array(500).fill(JSON.stringify({ type: "ping" })));
    expect(close.reason).toBe("too-many-requests");
  });
});

describe("on the media server's API", () => {
  const bearer = secret.replaceAll(" ", "-");
  const api = (path: string) => `${server.url}/v1/apps/${app}/sessions/${path}`;
  const own = async () => (await call(api("new"), "POST", bearer)).body.sessionId as string;
  const offer = (sdp: string) =>
    JSON.stringify({
      sessionDescription: { type: "offer", sdp },
      tracks: [{ location: "local", mid: "0", trackName: "t" }],
    });

  test("a wrong bearer", async () => {
    expect(await call(api("new"), "POST", "not-the-secret")).toMatchObject({
      status: 401,
      body: { errorCode: "unauthorized" },
    });
  });

  test("a room token of nobody's for the proxy, and one of another room", async () => {
    const url = `${server.url}/rooms/${room}/sfu/sessions/new`;
    const elsewhere = await tokenFor(server, "another-room", "Stranger");
    for (const token of ["made.up.token", elsewhere]) {
      expect(await call(url, "POST", token)).toMatchObject({ status: 401, body: { errorCode: "unauthorized" } });
    }
    const outside = await tokenFor(server, room, "Stranger");
    expect(await call(url, "POST", outside)).toMatchObject({ status: 403, body: { errorCode: "not-a-member" } });
  });

  test("a body that is not JSON", async () => {
    const answer = await call(api(`${await own()}/tracks/new`), "POST", bearer, "{");
    expect(answer).toMatchObject({ status: 400, body: { errorCode: "decoding_error" } });
  });

  test("a body of 2 MB", async () => {
    const answer = await call(api(`${await own()}/tracks/new`), "POST", bearer, offer("x".repeat(2_000_000)));
    expect(answer).toMatchObject({ status: 413, body: { errorCode: "payload_too_large" } });
  });

  test("a session that does not exist", async () => {
    const answer = await call(api("0123456789abcdef0123456789abcdef/tracks/new"), "POST", bearer, offer("v=0"));
    expect(answer).toMatchObject({ status: 410, body: { errorCode: "session_error" } });
  });

  test("a description that is not SDP, and one with a thousand m-lines", async () => {
    const lines = "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=rtpmap:111 opus/48000/2\r\n".repeat(1_000);
    for (const sdp of ["this is not SDP", `v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n${lines}`]) {
      const answer = await call(api(`${await own()}/tracks/new`), "POST", bearer, offer(sdp));
      expect(answer).toMatchObject({ status: 406, body: { errorCode: "invalid_session_description" } });
    }
  });

  test("a pull of a track that does not exist", async () => {
    const tracks = [{ location: "remote", sessionId: await own(), trackName: "nothing" }];
    const answer = await call(api(`${await own()}/tracks/new`), "POST", bearer, JSON.stringify({ tracks }));
    expect(answer).toMatchObject({ status: 200, body: { tracks: [{ errorCode: "not_found_track_error" }] } });
  });
});

describe("on the media port", () => {
  test("10,000 datagrams of random bytes and random length", async () => {
    await throwAtMedia(
      server,
      Array.from({ length: 10_000 }, () => randomBytes(randomInt(0, 1_500))),
    );
  });

  test("packets that begin like STUN, DTLS, RTP and RTCP and end too early", async () => {
    const beginnings = [
      [0x00, 0x01, 0x00, 0x08, 0x21, 0x12, 0xa4, 0x42],
      [0x16, 0xfe, 0xfd, 0x00, 0x00],
      [0x80, 0x60, 0x00, 0x01],
      [0x81, 0xc9, 0x00, 0x07],
    ];
    const cut = beginnings.flatMap((bytes) => bytes.map((_, length) => Buffer.from(bytes.slice(0, length + 1))));
    await throwAtMedia(server, Array.from({ length: 50 }, () => cut).flat());
  });
});
