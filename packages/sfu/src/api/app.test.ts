import { type ErrorCode, errors, limits } from "@satsuma/protocol";
import { describe, expect, test, vi } from "vitest";
import { type Answer, Api, cam, many, push, secret } from "../../test/api.ts";
import { sdp } from "../../test/descriptions.ts";

/** Every refusal of a whole call, by its code. */
const refusals: readonly (readonly [ErrorCode, string, (api: Api, session: string) => Promise<Answer>])[] = [
  ["unauthorized", "no bearer", (api) => api.call({ authorization: "" })],
  ["unauthorized", "another scheme", (api) => api.call({ authorization: `Basic ${secret}` })],
  ["unauthorized", "a wrong secret", (api) => api.call({ authorization: `Bearer ${secret}x` })],
  ["unauthorized", "the start of the secret", (api) => api.call({ authorization: `Bearer ${secret.slice(0, 9)}` })],
  ["unauthorized", "an unknown app", (api) => api.call({ path: "/v1/apps/other/sessions/new" })],
  ["unauthorized", "an app named like a prototype", (api) => api.call({ path: "/v1/apps/__proto__/sessions/new" })],
  ["not_found", "an endpoint that is not there", (api) => api.call({ path: "/v1/apps/app/sessions/x/tracks/eat" })],
  ["not_found", "a path outside", (api) => api.call({ path: "/v2" })],
  ["not_found", "another method", (api, id) => api.call({ path: `/v1/apps/app/sessions/${id}`, method: "PATCH" })],
  [
    "method_not_allowed",
    "deleting a session",
    (api, id) => api.call({ path: `/v1/apps/app/sessions/${id}`, method: "DELETE" }),
  ],
  [
    "too_many_requests",
    "the 51st call in a second",
    async (api, id) => {
      for (let call = 0; call < 50; call += 1) api.world.sfu.state("app", id);
      return api.call({ path: `/v1/apps/app/sessions/${id}`, method: "GET" });
    },
  ],
  ["invalid_params", "no microphone at a time", (api) => api.call({ path: "/v1/apps/app/sessions/new?loudest=0" })],
  ["session_error", "an unknown session", (api) => api.tracks("f".repeat(32), push)],
  ["session_error", "a session's name of 2,000 letters", (api) => api.tracks("f".repeat(2_000), push)],
  ["decoding_error", "an empty body", (api, id) => api.tracks(id, "")],
  ["decoding_error", "half a body", (api, id) => api.tracks(id, JSON.stringify(push).slice(0, -5))],
  ["decoding_error", "a body that is no object", (api, id) => api.tracks(id, "[1]")],
  ["decoding_error", "null", (api, id) => api.tracks(id, "null")],
  ["decoding_error", "tracks that are no list", (api, id) => api.tracks(id, { ...push, tracks: { 0: "x" } })],
  [
    "decoding_error",
    "a mid of null",
    (api, id) => api.tracks(id, { ...push, tracks: [{ location: "local", mid: null, trackName: "a" }] }),
  ],
  [
    "decoding_error",
    "a local track without mid",
    (api, id) => api.tracks(id, { ...push, tracks: [{ location: "local", trackName: "a" }] }),
  ],
  ["decoding_error", "an unknown location", (api, id) => api.tracks(id, { ...push, tracks: [{ location: "moon" }] })],
  [
    "decoding_error",
    "a track name with a slash",
    (api, id) => api.tracks(id, { ...push, tracks: [{ location: "local", mid: "0", trackName: "a/b" }] }),
  ],
  [
    "decoding_error",
    "an SDP that is no text",
    (api, id) => api.tracks(id, { ...push, sessionDescription: { type: "offer", sdp: 7 } }),
  ],
  [
    "decoding_error",
    "a description of no known type",
    (api, id) => api.tracks(id, { ...push, sessionDescription: { type: "pranswer", sdp: "v=0" } }),
  ],
  ["decoding_error", "a body nested 100,000 deep", (api, id) => api.tracks(id, "[".repeat(100_000))],
  ["decoding_error", "an object as a new session's body", (api) => api.call({ body: {} })],
  ["decoding_error", "closing without force", (api, id) => api.close(id, { tracks: [{ mid: "0" }] })],
  ["decoding_error", "renegotiating without a description", (api, id) => api.renegotiate(id, {})],
  ["invalid_params", "65 tracks", (api, id) => api.tracks(id, { tracks: many(65) })],
  ["invalid_params", "no tracks", (api, id) => api.tracks(id, { tracks: [] })],
  [
    "invalid_params",
    "tracks without location",
    (api, id) => api.tracks(id, { ...push, tracks: [{ mid: "0", trackName: "a" }] }),
  ],
  [
    "invalid_params",
    "local and remote at once",
    (api, id) => api.tracks(id, { ...push, tracks: [...push.tracks, ...many(1)] }),
  ],
  ["invalid_params", "closing nothing", (api, id) => api.close(id, { tracks: [], force: true })],
  [
    "invalid_params",
    "closing 65",
    (api, id) => api.close(id, { tracks: many(65).map(() => ({ mid: "0" })), force: true }),
  ],
  [
    "invalid_params",
    "closing neither by force nor by offer",
    (api, id) => api.close(id, { tracks: [{ mid: "0" }], force: false }),
  ],
  ["invalid_session_description", "an SDP that is none", (api, id) => api.push(id, "hello")],
  [
    "invalid_session_description",
    "1,000 m-lines",
    (api, id) => api.push(id, sdp(Array.from({ length: 1_000 }, (_, n) => ({ ...cam, mid: `m${n}` })))),
  ],
  [
    "invalid_session_description",
    "an offer without ufrag",
    (api, id) => api.push(id, sdp([cam]).replace(/a=ice-ufrag.*\r\n/, "")),
  ],
  [
    "invalid_session_description",
    "an answer where an offer is due",
    (api, id) => api.tracks(id, { ...push, sessionDescription: { ...push.sessionDescription, type: "answer" } }),
  ],
  [
    "invalid_session_description",
    "an answer to nothing",
    (api, id) => api.renegotiate(id, { sessionDescription: { type: "answer", sdp: sdp([cam]) } }),
  ],
  [
    "session_not_ready",
    "data channels on a session that does not connect",
    async (api, id) => {
      await api.tracks(id, push);
      const call = api.call({ path: `/v1/apps/app/sessions/${id}/datachannels/establish`, body: { dataChannel: {} } });
      let answered = false;
      void call.then(() => {
        answered = true;
      });
      await vi.waitFor(() => {
        api.world.advance(1_000);
        expect(answered).toBe(true);
      });
      return call;
    },
  ],
  ["payload_too_large", "2 MB", (api, id) => api.tracks(id, { ...push, filler: "x".repeat(2_000_000) })],
  ["payload_too_large", "2 MB in pieces, without a length", (api, id) => api.tracks(id, endless(2_000_000))],
  [
    "temporarily_unavailable_error",
    "a server that is full",
    async (api) => {
      for (let index = 0; index < 4; index += 1) await api.call();
      return api.call();
    },
  ],
  [
    "temporarily_unavailable_error",
    "a transport that cannot be opened",
    (api, id) => {
      api.world.opening = "fails";
      return api.tracks(id, push);
    },
  ],
];

describe.each(refusals)("%s answers", (code, what, provoke) => {
  test(`${what}, with its status and nothing that is not the client's business`, async () => {
    const api = new Api();
    const { sessionId } = (await api.call()).json as { sessionId: string };
    await api.tracks(sessionId, { ...push, tracks: push.tracks.map((track) => ({ ...track, trackName: "seen" })) });
    const fresh = (await api.call()).json as { sessionId: string };
    const { status, json, headers } = await provoke(api, fresh.sessionId);
    // On the wire the two errors of a session differ by their status alone.
    const errorCode = code === "session_not_ready" ? "session_error" : code;
    expect(json).toEqual({ errorCode, errorDescription: expect.stringMatching(/^[^\n]{5,200}$/) });
    expect(status).toBe(errors[code].status);
    expect(headers.get("content-type")).toMatch(/^application\/json/);
    const shown = JSON.stringify(json);
    expect(shown).not.toContain(secret);
    expect(shown).not.toMatch(/a=|v=0|ice-pwd:|\bat .*\.ts|Error:/);
    expect(api.errors).toEqual([]);
    // The others go on.
    expect((await api.call({ method: "GET", path: `/v1/apps/app/sessions/${sessionId}` })).json).toMatchObject({
      tracks: [{ trackName: "seen" }],
    });
  });
});

test("every code of a whole call that the Calls API has is provoked above", () => {
  const ofCalls: ErrorCode[] = [
    "unauthorized",
    "not_found",
    "decoding_error",
    "invalid_params",
    "payload_too_large",
    "session_error",
    "session_not_ready",
    "invalid_session_description",
    "method_not_allowed",
    "too_many_requests",
    "temporarily_unavailable_error",
  ];
  expect([...new Set(refusals.map(([code]) => code))].sort()).toEqual(ofCalls.sort());
});

test("an error that is nobody's refusal is told to the operator and not to the client", async () => {
  const api = new Api();
  api.world.sfu.state = () => {
    throw new Error(`stack and ${secret}`);
  };
  const { status, json } = await api.call({ method: "GET", path: "/v1/apps/app/sessions/x" });
  expect([status, json]).toEqual([
    500,
    { errorCode: "internal_error", errorDescription: expect.not.stringContaining(secret) },
  ]);
  expect(api.errors).toHaveLength(1);
});

describe("tracks that fail alone leave the answer at 200", () => {
  test("a missing track among those pulled", async () => {
    const api = new Api();
    const one = await api.publisher();
    const two = await api.session();
    const { status, json } = await api.tracks(two, {
      tracks: [
        { location: "remote", sessionId: one, trackName: "nothing" },
        { location: "remote", sessionId: one, trackName: "cam" },
      ],
    });
    expect(status).toBe(200);
    expect(json).toMatchObject({
      requiresImmediateRenegotiation: true,
      tracks: [{ errorCode: "not_found_track_error" }, { trackName: "cam", mid: expect.stringMatching(/./) }],
      sessionDescription: { type: "offer" },
    });
  });

  test("all missing: no offer and nothing to renegotiate", async () => {
    const api = new Api();
    const { status, json } = await api.tracks(await api.session(), { tracks: many(64) });
    expect([status, Object.keys(json as object).sort()]).toEqual([200, ["requiresImmediateRenegotiation", "tracks"]]);
    expect(json).toMatchObject({ requiresImmediateRenegotiation: false });
  });

  test("a local track without an offer and without a kind: nobody knows what to invite", async () => {
    const api = new Api();
    const { status, json } = await api.tracks(await api.session(), { tracks: push.tracks });
    expect(status).toBe(200);
    expect(json).toMatchObject({ requiresImmediateRenegotiation: false, tracks: [{ errorCode: "invalid_params" }] });
    expect(json).not.toHaveProperty("sessionDescription");
  });

  test("a missing track pulled with an offer, which is answered all the same", async () => {
    const api = new Api();
    const { status, json } = await api.tracks(await api.session(), { ...push, tracks: many(1) });
    expect(status).toBe(200);
    expect(json).toMatchObject({
      tracks: [{ errorCode: "not_found_track_error" }],
      sessionDescription: { type: "answer" },
    });
  });

  test("a track of a session without a connection", async () => {
    const api = new Api();
    const { status, json } = await api.close(await api.session(), { tracks: [{ mid: "0" }], force: true });
    expect(status).toBe(200);
    expect(json).toMatchObject({ tracks: [{ mid: "0", errorCode: "close_track_error" }] });
  });

  test("a track closed twice", async () => {
    const api = new Api();
    const id = await api.session();
    await api.tracks(id, push);
    await api.close(id, { tracks: [{ mid: "0" }], force: true });
    const { status, json } = await api.close(id, { tracks: [{ mid: "0" }], force: true });
    expect(status).toBe(200);
    expect(json).toMatchObject({ tracks: [{ mid: "0", errorCode: "close_track_error" }] });
  });
});

function endless(bytes: number): ReadableStream<Uint8Array> {
  let sent = 0;
  return new ReadableStream({
    pull(controller) {
      if (sent >= bytes) controller.close();
      else controller.enqueue(new Uint8Array(50_000).fill(0x20));
      sent += 50_000;
    },
  });
}

test("the bound of a body is above what a full offer needs", () => {
  expect(sdp(Array.from({ length: 512 }, (_, n) => ({ ...cam, mid: `m${n}` }))).length).toBeLessThan(
    limits.callsBodyBytes,
  );
});
