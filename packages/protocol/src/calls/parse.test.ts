import fc from "fast-check";
import { expect, test } from "vitest";
import { limits } from "../limits.ts";
import { parseCloseTracks, parseNewSession, parseRenegotiate, parseTracks } from "./parse.ts";

const description = { type: "offer", sdp: "v=0" } as const;
const local = { location: "local", mid: "0", trackName: "cam" } as const;
const remote = { location: "remote", sessionId: "s", trackName: "cam" } as const;
const text = JSON.stringify;

test("bodies are read, and fields that nobody asked for are left out", () => {
  expect(parseNewSession(text({ sessionDescription: description, x: 1 }))).toEqual({
    ok: true,
    value: { sessionDescription: description },
  });
  expect(parseTracks(text({ tracks: [{ ...remote, errorCode: "x", simulcast: {} }], autoDiscover: true }))).toEqual({
    ok: true,
    value: { tracks: [remote] },
  });
  expect(parseRenegotiate(text({ sessionDescription: { type: "answer", sdp: "" } })).ok).toBe(true);
  expect(parseCloseTracks(text({ tracks: [{ mid: "0", x: 1 }], force: true }))).toEqual({
    ok: true,
    value: { tracks: [{ mid: "0" }], force: true },
  });
});

test("no body, or one of length 0, is a session without an offer; an empty object is an error", () => {
  expect(parseNewSession(undefined)).toEqual({ ok: true, value: undefined });
  expect(parseNewSession("")).toEqual({ ok: true, value: undefined });
  expect(parseNewSession("{}")).toEqual({
    ok: false,
    refusal: { code: "decoding_error", message: "Body JSON validation error: sessionDescription", retry: false },
  });
});

test.each<[string, string, unknown]>([
  ["decoding_error", "tracks missing", {}],
  ["decoding_error", "a name with a control character", { tracks: [{ ...local, trackName: "a\u0000" }] }],
  ["decoding_error", "a name of 129 characters", { tracks: [{ ...local, trackName: "n".repeat(129) }] }],
  ["decoding_error", "a mid of 65 characters", { tracks: [{ ...local, mid: "m".repeat(65) }] }],
  ["decoding_error", "a session of 129 characters", { tracks: [{ ...remote, sessionId: "s".repeat(129) }] }],
  ["decoding_error", "an unknown kind", { tracks: [{ ...local, kind: "smell" }] }],
  [
    "decoding_error",
    "an SDP above the bound",
    { tracks: [local], sessionDescription: { ...description, sdp: "x".repeat(limits.callsBodyBytes + 1) } },
  ],
  ["invalid_params", "65 tracks", { tracks: Array.from({ length: 65 }, () => remote) }],
  ["invalid_params", "no tracks", { tracks: [] }],
  ["invalid_params", "no location", { tracks: [{ mid: "0", trackName: "a" }] }],
  ["invalid_params", "local and remote", { tracks: [local, remote] }],
])("tracks are refused as %s: %s", (code, _, body) => {
  expect(parseTracks(text(body))).toMatchObject({ ok: false, refusal: { code } });
});

test("64 tracks are taken", () => {
  expect(parseTracks(text({ tracks: Array.from({ length: 64 }, () => remote) })).ok).toBe(true);
});

test("__proto__ in a body names no field and changes no object", () => {
  const body = '{"tracks":[{"__proto__":{"location":"local"},"mid":"0","trackName":"a"}],"__proto__":{"polluted":1}}';
  expect(parseTracks(body)).toMatchObject({ ok: false, refusal: { code: "invalid_params" } });
  expect(parseTracks(`{"__proto__":{"tracks":[]}}`)).toMatchObject({ ok: false, refusal: { code: "decoding_error" } });
  expect(({} as { polluted?: number }).polluted).toBeUndefined();
});

test("any text gives a request or one of two refusals, without the text in it", () => {
  const parsers = [parseNewSession, parseTracks, parseRenegotiate, parseCloseTracks];
  const nearly = fc.record(
    {
      tracks: fc.anything({ maxDepth: 3 }),
      force: fc.oneof(fc.boolean(), fc.anything({ maxDepth: 1 })),
      sessionDescription: fc.oneof(fc.constant(description), fc.anything({ maxDepth: 2 })),
    },
    { requiredKeys: [] },
  );
  const bodies = fc.oneof(
    fc.string(),
    fc.json(),
    nearly.map((body) => JSON.stringify(body) ?? ""),
  );
  fc.assert(
    fc.property(bodies, (body) => {
      for (const parse of parsers) {
        const read = parse(body);
        if (read.ok) continue;
        expect(["decoding_error", "invalid_params"]).toContain(read.refusal.code);
        expect(read.refusal.message.length).toBeLessThan(300);
      }
    }),
    { numRuns: 1_000 },
  );
});

test("a body nested a million deep is refused, not survived by luck", () => {
  expect(parseTracks("[".repeat(1_000_000))).toMatchObject({ ok: false, refusal: { code: "decoding_error" } });
  const deep = `{"tracks":${'{"a":'.repeat(100_000)}1${"}".repeat(100_000)}}`;
  expect(parseTracks(deep)).toMatchObject({ ok: false, refusal: { code: "decoding_error" } });
});
