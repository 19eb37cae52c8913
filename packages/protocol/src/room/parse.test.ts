import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { limits } from "../limits.ts";
import type { ClientMessage, ServerMessage } from "./messages.ts";
import { commandIdOf, parseClientMessage, parseServerMessage, parseTokenRequest } from "./parse.ts";

const track = { name: "cam", kind: "video", source: "camera", session: "s1", muted: false } as const;
const participant = {
  id: "p1",
  identity: "u1",
  name: "Ada",
  joinedAt: 1_700_000_000_000.5,
  connection: "connected",
  tracks: [track],
} as const;

const fromClient: ClientMessage[] = [
  { type: "hello", protocol: 1, token: "t" },
  { type: "hello", protocol: 1, token: "", version: 0 },
  { type: "command", id: 0, command: { do: "publish", tracks: [track] } },
  { type: "command", id: 1, command: { do: "unpublish", names: ["cam"] } },
  { type: "command", id: 2, command: { do: "mute", name: "cam", muted: true } },
  { type: "command", id: 3, command: { do: "rename", name: "Grace" } },
  { type: "command", id: Number.MAX_SAFE_INTEGER, command: { do: "leave" } },
  { type: "resync" },
  { type: "ping" },
];

const fromServer: ServerMessage[] = [
  { type: "welcome", protocol: 1, participant: "p1", pingInterval: 5_000, grace: 10_000 },
  { type: "snapshot", state: { version: 3, participants: [participant] } },
  {
    type: "delta",
    version: 4,
    changes: [
      { change: "joined", participant },
      { change: "connection", id: "p1", connection: "recovering" },
      { change: "renamed", id: "p1", name: "Ada L." },
      { change: "published", id: "p1", track },
      { change: "muted", id: "p1", name: "cam", muted: true },
      { change: "unpublished", id: "p1", name: "cam" },
      { change: "left", id: "p1", why: "timed-out" },
    ],
  },
  { type: "ack", id: 1, version: 4 },
  { type: "error", id: 1, code: "not-allowed", message: "No.", retry: false },
  { type: "error", code: "bad-message", message: "What?", retry: false },
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
    [
      "bad-message",
      "a token of 4,097 characters",
      JSON.stringify({ type: "hello", protocol: 1, token: "t".repeat(4_097) }),
    ],
    ["bad-message", "a version of null", '{"type":"hello","protocol":1,"token":"t","version":null}'],
    ["bad-message", "no tracks to publish", command({ do: "publish", tracks: [] })],
    ["bad-message", "one track too many", command({ do: "publish", tracks: many })],
    ["bad-message", "a track name with a slash", publish({ name: "a/b" })],
    ["bad-message", "a track name with a line break", publish({ name: "a\nb" })],
    ["bad-message", "a track without a name", publish({ name: "" })],
    ["bad-message", "a track name of 129 characters", publish({ name: "n".repeat(129) })],
    ["bad-message", "a kind of track that is none", publish({ kind: "smell" })],
    ["bad-message", "a blank name", command({ do: "rename", name: " \t " })],
    ["bad-message", "a name with a control character", command({ do: "rename", name: "a\u0007b" })],
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
