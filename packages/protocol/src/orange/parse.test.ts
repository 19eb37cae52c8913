import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { limits } from "../limits.ts";
import type { OrangeClientMessage } from "./messages.ts";
import { parseOrangeMessage } from "./parse.ts";
import type { OrangeUser } from "./state.ts";

const user: OrangeUser = {
  id: "d3b07384-d113-4ec5-a5d6-1f3c6b0b2a01",
  name: "Ann",
  transceiverSessionId: "s1",
  raisedHand: false,
  speaking: true,
  joined: true,
  tracks: {
    audio: "s1/mic",
    audioEnabled: true,
    audioUnavailable: false,
    video: "s1/cam",
    videoEnabled: false,
    screenshare: "s1/screen",
    screenShareEnabled: false,
  },
};

const messages: OrangeClientMessage[] = [
  { type: "heartbeat" },
  { type: "userUpdate", user },
  { type: "userUpdate", user: { ...user, joined: false, tracks: { audioUnavailable: true } } },
  { type: "userLeft" },
  { type: "muteUser", id: "someone" },
  { type: "directMessage", to: "someone", message: "" },
  { type: "e2eeMlsMessage", payload: '{"type":"shareKeyPackage"}' },
  {
    type: "callsApiHistoryEntry",
    entry: { type: "request", method: "POST", endpoint: "/sessions/new", body: undefined },
    sessionId: "s1",
  },
  { type: "callsApiHistoryEntry", entry: { type: "response", endpoint: "/sessions/new", body: { sessionId: "s1" } } },
  { type: "enableAi" },
  { type: "enableAi", instructions: "Be brief.", voice: "echo" },
  { type: "disableAi" },
  { type: "requestAiControl", track: { trackName: "t", sessionId: "s1", location: "remote" } },
  { type: "relenquishAiControl" },
  { type: "partyserver-ping" },
];

test.each(messages)("what Orange's client says is read as it was said: $type", (message) => {
  expect(parseOrangeMessage(JSON.stringify(message))).toEqual({ ok: true, value: message });
});

test("fields of a newer client are kept in a user and dropped elsewhere", () => {
  const newer = { ...user, mood: "fine", tracks: { ...user.tracks, gaze: "up" } };
  const read = parseOrangeMessage(JSON.stringify({ type: "userUpdate", user: newer, more: 1 }));
  expect(read).toEqual({ ok: true, value: { type: "userUpdate", user: newer } });
});

describe("what cannot be read is refused by code", () => {
  test.each([
    ["no JSON", "{", "bad-message"],
    ["a list", "[]", "bad-message"],
    ["nothing", "null", "bad-message"],
    ["no type", "{}", "bad-message"],
    ["a type that is no text", '{"type":7}', "bad-message"],
    ["an unknown type", '{"type":"relinquishAiControl"}', "unknown-command"],
    ["an update without a user", '{"type":"userUpdate"}', "bad-message"],
    ["a track without a session", update({ ...user, tracks: { ...user.tracks, audio: "mic" } }), "bad-message"],
    ["a track with two slashes", update({ ...user, tracks: { ...user.tracks, audio: "a/b/c" } }), "bad-message"],
    ["a joined that is no flag", update({ ...user, joined: "yes" }), "bad-message"],
    ["a user of 5,000 characters", update({ ...user, mood: "x".repeat(5_000) }), "too-large"],
  ])("%s", (_, frame, code) => {
    expect(parseOrangeMessage(frame)).toMatchObject({ ok: false, refusal: { code } });
  });

  test("a frame that is larger than one may be", () => {
    const frame = JSON.stringify({ type: "e2eeMlsMessage", payload: "x".repeat(limits.orangeMessageBytes) });
    expect(parseOrangeMessage(frame)).toMatchObject({ ok: false, refusal: { code: "too-large" } });
  });

  test("anything at all, without throwing", () => {
    fc.assert(fc.property(fc.oneof(fc.string(), fc.json()), (frame) => void parseOrangeMessage(frame)));
  });
});

test("a payload of 1 MiB is read", () => {
  const payload = "x".repeat(1_048_576);
  expect(parseOrangeMessage(JSON.stringify({ type: "e2eeMlsMessage", payload })).ok).toBe(true);
});

function update(changed: object): string {
  return JSON.stringify({ type: "userUpdate", user: changed });
}

test("a user that is nested without end is refused by code, whatever its length", () => {
  for (const depth of [40, 900_000]) {
    const extra = `${"[".repeat(depth)}${"]".repeat(depth)}`;
    const frame = JSON.stringify({ type: "userUpdate", user }).replace('"name"', `"extra":${extra},"name"`);
    expect(parseOrangeMessage(frame)).toMatchObject({ ok: false, refusal: { code: "bad-message" } });
  }
});
