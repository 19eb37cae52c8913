/** One API before several servers, of which some are gone; each is a real one over transports in memory. */
import { expect, test } from "vitest";
import { World } from "../../test/world.ts";
import type { SfuLimits } from "../config.ts";
import { Adapters, defaultAdapterLimits } from "../index.ts";
import { numbered, numberIn } from "../pipe/number.ts";
import { memoryUsage } from "../usage/memory.ts";
import { Meter } from "../usage/meter.ts";
import { createApi } from "./app.ts";
import { createFront } from "./front.ts";
import { GoneError, type Servers } from "./servers.ts";

const secret = "secret";
const apps = [{ id: "app", secret }];
const daysAgo = () => "2026-11-28";

/** `idle` has the least to do, whatever happens. */
function start(count = 3, { idle, limits = {} }: { idle?: number; limits?: Partial<SfuLimits> } = {}) {
  const gone = new Set<number>();
  const asked: string[] = [];
  let counter = 0;
  const apis = Array.from({ length: count }, (_, number) => {
    const { sfu } = new World(number === idle ? limits : {}, undefined, { number });
    const adapters = new Adapters(
      sfu,
      {
        now: () => 0,
        setAlarm: () => {},
        newId: () => numbered((++counter).toString(16).padStart(32, "0"), number),
        random32: () => 1,
        dial: async () => ({ send: () => true, close: () => {}, pause: () => {}, resume: () => {} }),
        encoder: async () => ({ encode: () => new Uint8Array(1), free: () => {} }),
        decoder: () => Promise.reject(new Error("There is none.")),
        onError: () => {},
      },
      defaultAdapterLimits,
    );
    return createApi(sfu, { apps, adapters, whip: {}, onError: () => {} });
  });
  let next = 0;
  const servers: Servers = {
    count,
    least(except) {
      if (idle !== undefined && !except?.has(idle)) return idle;
      for (let tries = 0; tries < count; tries += 1) {
        const number = next++ % count;
        if (!gone.has(number) && !except?.has(number)) return number;
      }
      return undefined;
    },
    async ask(server, { method, path, headers, body }) {
      asked.push(`${server} ${method} ${path}`);
      const api = apis[server];
      if (api === undefined || gone.has(server)) throw new GoneError("gone");
      const init = { method, headers, ...(body !== undefined && { body: Buffer.from(body) }) };
      return api.fetch(new Request(`http://server${path}`, init));
    },
    settleUsage: async () => void asked.push("settle"),
  };
  const usage = memoryUsage();
  const errors: unknown[] = [];
  const front = createFront(servers, {
    apps: { knows: (app) => app === "app", admits: (app, given) => app === "app" && given === secret },
    usage: { meter: new Meter(usage, daysAgo), daysAgo },
    iceServers: async () => [{ urls: ["turn:relay.example"], username: "u", credential: "c" }],
    onError: (error) => errors.push(error),
  });
  const call = async (method: string, path: string, body?: unknown, bearer = secret) => {
    const headers = { authorization: `Bearer ${bearer}`, origin: "https://page.example" };
    const init = body === undefined ? { method, headers } : { method, headers, body: JSON.stringify(body) };
    const response = await front.fetch(new Request(`http://front/v1/apps/${path}`, init));
    const text = await response.text();
    return { status: response.status, headers: response.headers, json: text === "" ? {} : JSON.parse(text) };
  };
  return { gone, asked, usage, errors, front, call };
}

test("sessions are spread, and every call of one goes to its server", async () => {
  const { asked, call } = start();
  for (let count = 0; count < 6; count += 1) {
    const { status, json, headers } = await call("POST", "app/sessions/new");
    expect(status).toBe(201);
    expect(headers.get("access-control-allow-origin")).toBe("*");
    asked.length = 0;
    expect(await call("GET", `app/sessions/${json.sessionId}?correlationId=7`)).toMatchObject({
      status: 200,
      json: { tracks: [] },
    });
    expect(asked).toEqual([`${count % 3} GET /v1/apps/app/sessions/${json.sessionId}?correlationId=7`]);
    const body = { tracks: [{ location: "remote", sessionId: "x", trackName: "y" }] };
    expect((await call("POST", `app/sessions/${json.sessionId}/tracks/new`, body)).json).toMatchObject({
      tracks: [{ errorCode: "not_found_track_error" }],
    });
  }
});

test.each([
  ["has died, of which nobody knows yet,", {}, 1],
  ["is full", { sessions: 0 }, undefined],
])("a session begins elsewhere when the server with the least to do %s", async (_, limits, dead) => {
  const { gone, asked, call } = start(3, { idle: 1, limits });
  if (dead !== undefined) gone.add(dead);
  const { status, json } = await call("POST", "app/sessions/new");
  expect(status).toBe(201);
  expect(numberIn(json.sessionId, 3)).not.toBe(1);
  expect(asked.filter((each) => each.startsWith("1 "))).toHaveLength(1);
});

test("a session that no server has room for is refused as the last of them did", async () => {
  const { call } = start(1, { idle: 0, limits: { sessions: 0 } });
  expect(await call("POST", "app/sessions/new")).toMatchObject({
    status: 503,
    json: { errorCode: "temporarily_unavailable_error", errorDescription: expect.stringContaining("as many sessions") },
  });
});

test("a session of a server that is gone is 410 for who has the secret, and 401 for who has not", async () => {
  const { gone, call } = start();
  const sessions = [];
  for (let count = 0; count < 3; count += 1) sessions.push((await call("POST", "app/sessions/new")).json.sessionId);
  gone.add(1);
  const answers = await Promise.all(sessions.map((session) => call("GET", `app/sessions/${session}`)));
  expect(answers.map(({ status }) => status)).toEqual([200, 410, 200]);
  expect(answers[1]?.json).toMatchObject({ errorCode: "session_error" });
  expect((await call("GET", `app/sessions/${sessions[1]}`, undefined, "guess")).status).toBe(401);
  expect((await call("GET", "app/sessions/nonsense")).status).toBe(410);
});

test("a new session finds a server that is there, and when none is, may be tried again", async () => {
  const { gone, call } = start();
  gone.add(0).add(2);
  const { status, json } = await call("POST", "app/sessions/new");
  expect([status, numberIn(json.sessionId, 3)]).toEqual([201, 1]);
  gone.add(1);
  expect(await call("POST", "app/sessions/new")).toMatchObject({
    status: 503,
    json: { errorCode: "temporarily_unavailable_error" },
  });
});

test("a stream is asked for at one server, whose relay is told by the one in front", async () => {
  const { gone, asked, front, call } = start();
  const offer = [
    "v=0",
    "o=- 1 1 IN IP4 127.0.0.1",
    "s=-",
    "t=0 0",
    "m=audio 9 UDP/TLS/RTP/SAVPF 111",
    "a=ice-ufrag:ufrg",
    `a=ice-pwd:${"p".repeat(24)}`,
    `a=fingerprint:sha-256 ${Array.from({ length: 32 }, () => "AB").join(":")}`,
    "a=setup:actpass",
    "a=mid:0",
    "a=sendonly",
    "a=rtpmap:111 opus/48000/2",
    "",
  ].join("\r\n");
  const places = new Set<string>();
  for (const name of ["one", "two", "three", "four", "five", "six"]) {
    asked.length = 0;
    const headers = { authorization: `Bearer ${secret}`, "content-type": "application/sdp" };
    const init = { method: "POST", headers, body: offer };
    const begun = await front.fetch(new Request(`http://front/v1/apps/app/whip/${name}`, init));
    expect(begun.status).toBe(201);
    expect(begun.headers.get("link")).toContain("turn:relay.example");
    const session = begun.headers.get("location")?.split("/").at(-1) ?? "";
    expect((await call("DELETE", `app/whip/${name}/${session}`)).status).toBe(200);
    expect((await call("POST", `app/whep/${name}`)).status).toBe(404);
    expect(new Set(asked.map((each) => each[0])).size).toBe(1);
    places.add(asked[0]?.[0] ?? "");
  }
  expect(places.size).toBeGreaterThan(1);
  for (const number of [0, 1, 2]) gone.add(number);
  expect(await call("POST", "app/whep/one")).toMatchObject({ status: 503 });
});

test("adapters begin where it is calm, play where their track is, and are closed where they are", async () => {
  const { gone, asked, call } = start();
  const endpoint = "ws://audio.example/";
  const local = { location: "local", endpoint, inputCodec: "pcm" };
  const remote = { location: "remote", endpoint, outputCodec: "pcm", trackName: "none" };
  const tracks = [
    { ...local, trackName: "a" },
    { ...remote, sessionId: numbered("f".repeat(32), 2) },
    { ...local, trackName: "b" },
  ];
  const opened = await call("POST", "app/adapters/websocket/new", { tracks });
  expect(opened.status).toBe(200);
  expect(opened.json.tracks).toMatchObject([
    { trackName: "a", adapterId: expect.stringMatching(/^00/) },
    { trackName: "none", errorCode: "not_found_track_error" },
    { trackName: "b", adapterId: expect.stringMatching(/^01/) },
  ]);
  expect(asked.map((each) => each[0]).sort()).toEqual(["0", "1", "2"]);
  gone.add(1);
  const adapterIds = opened.json.tracks.flatMap(({ adapterId }: { adapterId?: string }) => adapterId ?? []);
  const closing = { tracks: [...adapterIds, "nonsense"].map((adapterId) => ({ adapterId })) };
  const closed = await call("POST", "app/adapters/websocket/close", closing);
  expect(closed.json.tracks).toEqual([
    { adapterId: adapterIds[0], bytesProcessed: 0 },
    { adapterId: adapterIds[1] },
    expect.objectContaining({ errorCode: "adapter_not_found" }),
  ]);
  const failing = { tracks: [{ ...remote, sessionId: numbered("f".repeat(32), 1) }] };
  expect(await call("POST", "app/adapters/websocket/new", failing)).toMatchObject({
    status: 503,
    json: { tracks: [{ errorCode: "not_found_track_error" }] },
  });
  expect((await call("POST", "app/adapters/websocket/new", { tracks: [] })).status).toBe(406);
  expect((await call("POST", "app/adapters/websocket/new", { tracks }, "guess")).status).toBe(401);
});

test("usage is what all of them have counted up to the question", async () => {
  const { asked, usage, call } = start();
  usage.add([{ app: "app", day: daysAgo(), session: "s", track: "p/t", adapter: false, bytes: 7 }]);
  expect((await call("GET", "app/usage?by=day")).json).toMatchObject({ bytes: 7 });
  expect(asked).toEqual(["settle"]);
  expect((await call("GET", "app/usage", undefined, "guess")).status).toBe(401);
  expect(asked).toEqual(["settle"]);
});

test("a body that is too large goes to no server", async () => {
  const { asked, errors, call } = start();
  const { json } = await call("POST", "app/sessions/new");
  asked.length = 0;
  const large = await call("POST", `app/sessions/${json.sessionId}/tracks/new`, { tracks: [], x: "x".repeat(2 ** 20) });
  expect(large).toMatchObject({ status: 413, json: { errorCode: "payload_too_large" } });
  expect(asked).toEqual([]);
  expect(errors).toEqual([]);
});
