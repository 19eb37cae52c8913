import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { limits } from "../limits.ts";
import type { Command } from "./commands.ts";
import type { ClientMessage, ServerMessage } from "./messages.ts";
import { commandIdOf, parseClientMessage, parseServerMessage, parseTokenRequest } from "./parse.ts";
import { openRules, type RoomState } from "./state.ts";

const track = { name: "cam", kind: "video", source: "camera", session: "s1", muted: false } as const;
const participant = {
  id: "p1",
  identity: "u1",
  name: "Ada",
  role: "speaker",
  joinedAt: 1_700_000_000_000.5,
  connection: "connected",
  tracks: [track],
  attributes: { table: "3" },
} as const;

const hello = { type: "hello", protocols: [2], token: "t", client: "c1" } as const;
const commands: Command[] = [
  { do: "publish", tracks: [track] },
  { do: "unpublish", names: ["cam"] },
  { do: "mute", name: "cam", muted: true },
  { do: "rename", name: "Grace" },
  { do: "describe", attributes: { table: "3", hat: null } },
  { do: "raise" },
  { do: "lower" },
  { do: "lower", id: "p1" },
  { do: "accept" },
  { do: "say", text: " a\nb " },
  { do: "say", text: "hi", to: "p1", reply: 3, mentions: ["u1"] },
  { do: "edit", seq: 3, text: "ho" },
  { do: "delete", seq: 3 },
  { do: "react", seq: 3, emoji: "👩🏽‍🚀", on: true },
  { do: "read", limit: 50 },
  { do: "read", before: 10, limit: 100 },
  { do: "emote", emoji: "🎉" },
  { do: "poll", question: "Tea?", options: ["yes", "no"], anonymous: true, multiple: false },
  { do: "vote", poll: 1, choices: [0] },
  { do: "close-poll", poll: 1 },
  { do: "delete-poll", poll: 1 },
  { do: "list-votes", poll: 1, after: "u1", limit: 10 },
  { do: "set", key: "timer", value: { ends: [1, null, "x"] }, if: 0 },
  { do: "unset", key: "timer" },
  { do: "watch", prefix: "" },
  { do: "unwatch", prefix: "t" },
  { do: "relay", topic: "cursor", payload: "1,2", to: ["p1"] },
  { do: "list-audience", limit: 100 },
  { do: "admit" },
  { do: "deny", ids: ["p1"] },
  { do: "silence" },
  { do: "ask-unmute", id: "p1" },
  { do: "stop", id: "p1", source: "screen" },
  { do: "remove", id: "p1" },
  { do: "ban", identity: "u1" },
  { do: "unban", identity: "u1" },
  { do: "set-role", id: "p1", role: "listener" },
  { do: "grant", id: "p1", grants: ["chat"] },
  { do: "invite", id: "p1", role: "speaker" },
  { do: "transfer", id: "p1" },
  { do: "set-rules", rules: { locked: true, most: null } },
  { do: "set-passcode", passcode: "sesame" },
  { do: "set-passcode", passcode: null },
  { do: "record", on: true },
  { do: "end" },
  { do: "audit", before: 7, limit: 10 },
  { do: "leave" },
];
const fromClient: ClientMessage[] = [
  hello,
  { ...hello, passcode: "sesame", resume: { lineage: "l1", version: 0, chat: 3 } },
  ...commands.map((command, id) => ({ type: "command", id, command }) as const),
  { type: "command", id: Number.MAX_SAFE_INTEGER, command: { do: "leave" } },
  { type: "signal", speaking: true },
  { type: "signal", quality: "poor", typing: true },
  { type: "resync" },
  { type: "ping" },
];

const state: RoomState = {
  version: 3,
  meeting: { id: "m1", startedAt: 1 },
  rules: { ...openRules, withheld: ["chat"], most: 10 },
  recording: 5,
  participants: [participant],
  hands: [{ id: "p1", identity: "u1", name: "Ada", at: 9 }],
  polls: [{ id: 1, question: "Tea?", options: ["a", "b"], anonymous: true, multiple: false, by: "u1", result: [1, 2] }],
};
const presence = { speaking: ["p1"], quality: { p1: "good" }, audience: 7, tallies: { 1: [0, 1] } } as const;
const author = { participant: "p1", identity: "u1", name: "Ada" };
const message = { seq: 1, at: 2, from: author, text: "hi", reactions: { "🎉": { count: 2, mine: true } } };
const you = { role: "speaker", grants: ["chat"], joinedAt: 1, name: "Ada", invited: "host" } as const;
const fromServer: ServerMessage[] = [
  {
    type: "welcome",
    protocol: 2,
    participant: "p1",
    you,
    lineage: "l1",
    resumed: true,
    pingInterval: 5_000,
    grace: 10_000,
  },
  { type: "waiting", pingInterval: 5_000 },
  { type: "snapshot", state, presence, chat: 4 },
  {
    type: "delta",
    after: 3,
    version: 4,
    changes: [
      { change: "joined", participant },
      { change: "connection", id: "p1", connection: "recovering" },
      { change: "renamed", id: "p1", name: "Ada L." },
      { change: "role", id: "p1", role: "host" },
      { change: "attributes", id: "p1", set: { table: null } },
      { change: "published", id: "p1", track },
      { change: "muted", id: "p1", name: "cam", muted: true },
      { change: "unpublished", id: "p1", name: "cam" },
      { change: "raised", hand: { id: "p1", identity: "u1", name: "Ada", at: 3 } },
      { change: "lowered", id: "p1" },
      ...state.polls.map((poll) => ({ change: "poll", poll }) as const),
      { change: "poll-gone", id: 1 },
      { change: "rules", rules: openRules },
      { change: "recording", since: null },
      { change: "meeting", meeting: null },
      { change: "left", id: "p1", why: "timed-out" },
    ],
  },
  { type: "presence", presence },
  { type: "signals", speaking: ["p1"], silent: ["p2"], quality: { p1: "lost" }, audience: 1, typing: ["Ada"] },
  { type: "chat", n: 5, event: "said", message },
  { type: "chat", n: 6, event: "edited", seq: 1, text: "ho", at: 9 },
  { type: "chat", n: 7, event: "deleted", seq: 1 },
  { type: "chat", n: 8, event: "reacted", seq: 1, emoji: "🎉", by: "u1", on: false, count: 0 },
  { type: "entries", set: [{ key: "a", value: { b: [null] }, revision: 3 }], gone: ["c"] },
  { type: "you", you },
  { type: "notice", notice: "silenced", by: { identity: "server", name: "server" } },
  { type: "notice", notice: "stopped", source: "screen", by: author },
  { type: "lobby", waiting: [{ id: "p9", identity: "u9", name: "Eve", since: 3 }], count: 1 },
  { type: "emoted", from: "p1", name: "Ada", emoji: "🎉" },
  { type: "relayed", from: "p1", topic: "cursor", payload: "1,2" },
  { type: "ack", id: 1, version: 4 },
  { type: "ack", id: 1, version: 4, result: { of: "read", messages: [message], more: true } },
  { type: "ack", id: 1, version: 4, result: { of: "watch", entries: [{ key: "a", value: 0, revision: 3 }] } },
  { type: "error", id: 1, code: "not-allowed", message: "No.", retry: false },
  { type: "error", code: "too-many-requests", message: "Slower.", retry: true, retryAfter: 50 },
  { type: "error", id: 2, code: "conflict", message: "Stale.", retry: false, current: 3 },
  { type: "pong" },
];

test.each(fromClient)("a client's $type is read as it was written", (message) => {
  expect(parseClientMessage(JSON.stringify(message))).toEqual({ ok: true, value: message });
});

test.each(fromServer)("a server's $type is read as it was written", (message) => {
  expect(parseServerMessage(JSON.stringify(message))).toEqual({ ok: true, value: message });
});

test("a newer server may say more, and refuse with codes we have not heard of", () => {
  const read = parseServerMessage('{"type":"error","code":"brand-new","message":"m","retry":true,"extra":{"a":1}}');
  expect(read).toEqual({ ok: true, value: { type: "error", code: "brand-new", message: "m", retry: true } });
});

describe("a client's frame is refused", () => {
  const command = (inner: unknown) => JSON.stringify({ type: "command", id: 1, command: inner });
  const publish = (change: object) => command({ do: "publish", tracks: [{ ...track, ...change }] });
  const many = Array.from({ length: limits.tracksPerParticipant + 1 }, (_, n) => ({ ...track, name: `t${n}` }));
  test.each<[string, string, string]>([
    ["bad-message", "nothing", ""],
    ["bad-message", "half a frame", '{"type":"pi'],
    ["bad-message", "a number", "7"],
    ["bad-message", "null", "null"],
    ["bad-message", "a list", '[{"type":"ping"}]'],
    ["bad-message", "no type", "{}"],
    ["bad-message", "a type that is no word", '{"type":5}'],
    ["bad-message", "30,000 brackets", "[".repeat(30_000)],
    [
      "bad-message",
      "an object nested 10,000 deep",
      `{"type":"ping","x":${'{"x":'.repeat(10_000)}1${"}".repeat(10_000)}}`,
    ],
    ["bad-message", "more fields than the message has", '{"type":"ping","extra":1}'],
    ["bad-message", "a field with a line break in its name", '{"type":"ping","a\\nb":1}'],
    ["bad-message", "__proto__ as a field", '{"type":"ping","__proto__":{"type":"hello"}}'],
    ["bad-message", "a type only in __proto__", '{"__proto__":{"type":"ping"}}'],
    ["unknown-command", "a type named like a prototype's member", '{"type":"constructor"}'],
    ["unknown-command", "an unknown type", '{"type":"dance"}'],
    ["unknown-command", "a server's type", '{"type":"snapshot"}'],
    ["unknown-command", "an unknown command", command({ do: "explode" })],
    ["unknown-command", "a command without a verb", command({})],
    ["bad-message", "a command that is no object", command("leave")],
    ["bad-message", "a command without id", '{"type":"command","command":{"do":"leave"}}'],
    ["bad-message", "a negative id", '{"type":"command","id":-1,"command":{"do":"leave"}}'],
    ["bad-message", "an id of a half", '{"type":"command","id":0.5,"command":{"do":"leave"}}'],
    [
      "bad-message",
      "an id past what a double counts",
      '{"type":"command","id":9007199254740993,"command":{"do":"leave"}}',
    ],
    ["bad-message", "an infinite id", '{"type":"command","id":1e999,"command":{"do":"leave"}}'],
    ["bad-message", "a token of 4,097 characters", JSON.stringify({ ...hello, token: "t".repeat(4_097) })],
    ["bad-message", "a resume of null", JSON.stringify({ ...hello, resume: null })],
    ["bad-message", "no protocol at all", JSON.stringify({ ...hello, protocols: [] })],
    ["bad-message", "an emoji of words", command({ do: "emote", emoji: "hello" })],
    ["bad-message", "a page of a million", command({ do: "read", limit: 1_000_000 })],
    [
      "bad-message",
      "a value nested 30,000 deep",
      `{"type":"command","id":1,"command":{"do":"set","key":"k","value":${"[".repeat(30_000)}${"]".repeat(30_000)}}}`,
    ],
    ["bad-message", "one grant a hundred times", command({ do: "grant", id: "p1", grants: Array(100).fill("chat") })],
    ["bad-message", "a grant that is none", command({ do: "grant", id: "p1", grants: ["fly"] })],
    ["bad-message", "a rule that is none", command({ do: "set-rules", rules: { passcode: true } })],
    [
      "bad-message",
      "a poll of one option",
      command({ do: "poll", question: "?", options: ["a"], anonymous: true, multiple: true }),
    ],
    ["bad-message", "no tracks to publish", command({ do: "publish", tracks: [] })],
    ["bad-message", "one track too many", command({ do: "publish", tracks: many })],
    ["bad-message", "a track name with a slash", publish({ name: "a/b" })],
    ["bad-message", "a track name with a line break", publish({ name: "a\nb" })],
    ["bad-message", "a track without a name", publish({ name: "" })],
    ["bad-message", "a track name of 129 characters", publish({ name: "n".repeat(129) })],
    ["bad-message", "a kind of track that is none", publish({ kind: "smell" })],
    ["bad-message", "a blank name", command({ do: "rename", name: " \t " })],
    ["bad-message", "a name with a control character", command({ do: "rename", name: "a\u0007b" })],
    ["bad-message", "a name that turns the text", command({ do: "rename", name: "\u202eecilA" })],
    ["bad-message", "a name of two lines", command({ do: "rename", name: "a\u2028b" })],
    ["bad-message", "a name that cannot be seen", command({ do: "rename", name: "\u200b\u3164" })],
    ["bad-message", "half of a surrogate pair", command({ do: "rename", name: "a\ud83d" })],
    ["bad-message", "a key of every object's own", command({ do: "describe", attributes: { constructor: "x" } })],
    ["bad-message", "another", '{"type":"command","id":1,"command":{"do":"describe","attributes":{"__proto__":"x"}}}'],
    ["unknown-command", "a message type with control characters", JSON.stringify({ type: "a\nb\u001b[31m" })],
    ["bad-message", "a name of 129 characters", command({ do: "rename", name: "n".repeat(129) })],
    ["too-large", "64 KiB and one", JSON.stringify({ type: "ping", x: "x".repeat(limits.messageBytes) })],
  ])("as %s: %s", (code, _, frame) => {
    const read = parseClientMessage(frame);
    expect(read).toMatchObject({ ok: false, refusal: { code, retry: false } });
    if (!read.ok) expect(read.refusal.message).toMatch(/^\P{Cc}{3,200}$/u);
  });
});

test("names are trimmed", () => {
  const read = parseClientMessage('{"type":"command","id":1,"command":{"do":"rename","name":"  Ada "}}');
  expect(read).toMatchObject({ ok: true, value: { command: { name: "Ada" } } });
});

test("any text gives a message or a refusal, and never throws", () => {
  const nearly = fc.constantFrom(...fromClient, ...fromServer).chain((message) => {
    const text = JSON.stringify(message);
    return fc
      .tuple(fc.nat(text.length), fc.string(), fc.nat(8))
      .map(([at, inserted, cut]) => text.slice(0, at) + inserted + text.slice(at + cut));
  });
  fc.assert(
    fc.property(fc.oneof(nearly, fc.json(), fc.string()), (frame) => {
      for (const parse of [parseClientMessage, parseServerMessage, parseTokenRequest]) {
        const read = parse(frame);
        if (!read.ok) expect(["bad-message", "unknown-command", "too-large"]).toContain(read.refusal.code);
      }
      commandIdOf(frame);
    }),
    { numRuns: 2_000 },
  );
});

test("what was read says the same when it is written and read again", () => {
  fc.assert(
    fc.property(fc.constantFrom(...fromClient), (message) => {
      const once = parseClientMessage(JSON.stringify(message));
      expect(once.ok && parseClientMessage(JSON.stringify(once.value))).toEqual(once);
    }),
    { numRuns: 20 },
  );
});

test("a refused command's id is still known, if it has one", () => {
  expect(commandIdOf('{"type":"command","id":7,"command":{"do":"explode"}}')).toBe(7);
  for (const frame of ["", '{"type":"command"}', '{"type":"ping","id":7}', '{"type":"command","id":"7"}', "[]"]) {
    expect(commandIdOf(frame)).toBeUndefined();
  }
});

test.each<[string, string]>([
  ["no name", "{}"],
  ["an empty name", '{"name":" "}'],
  ["more than it asks for", '{"name":"Ada","admin":true}'],
  ["a previous token of 4,097 characters", JSON.stringify({ name: "Ada", previous: "t".repeat(4_097) })],
  ["no JSON", "name=Ada"],
])("a token request with %s is refused", (_, body) => {
  expect(parseTokenRequest(body)).toMatchObject({ ok: false, refusal: { code: "bad-message" } });
});

test("a token request is read", () => {
  expect(parseTokenRequest('{"name":" Ada ","previous":"t"}')).toEqual({
    ok: true,
    value: { name: "Ada", previous: "t" },
  });
});
