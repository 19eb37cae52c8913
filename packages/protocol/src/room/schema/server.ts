/** What a server says, as far as this client knows it. Fields that it does not know are passed over: a newer server may say more. */
import * as v from "valibot";
import type { JsonValue } from "../commands.ts";
import { connection, count, grant, id, quality, role, source, track, trackName } from "./words.ts";

const json = v.custom<JsonValue>((value) => value !== undefined);
const attributes = v.record(v.string(), v.string());
const participant = v.object({
  id,
  identity: id,
  name: v.string(),
  role,
  joinedAt: v.number(),
  connection,
  tracks: v.array(track),
  attributes,
});
const meeting = v.nullable(v.object({ id, startedAt: v.number() }));
/** A grant that this client has not heard of is nothing it could use. */
const known = v.pipe(
  v.array(v.string()),
  v.transform((words) => words.filter((word) => v.is(grant, word)) as v.InferOutput<typeof grant>[]),
);
const rules = v.object({
  locked: v.boolean(),
  lobby: v.boolean(),
  passcode: v.boolean(),
  withheld: known,
  most: v.nullable(v.number()),
  endsAt: v.nullable(v.number()),
});
const hand = v.object({ id, identity: id, name: v.string(), at: v.number() });
const poll = v.object({
  id: count,
  question: v.string(),
  options: v.array(v.string()),
  anonymous: v.boolean(),
  multiple: v.boolean(),
  by: id,
  result: v.nullable(v.array(count)),
});
const state = v.object({
  version: count,
  meeting,
  rules,
  recording: v.nullable(v.number()),
  participants: v.array(participant),
  hands: v.array(hand),
  polls: v.array(poll),
});

export const changeSchema = v.variant("change", [
  v.object({ change: v.literal("joined"), participant }),
  v.object({
    change: v.literal("left"),
    id,
    why: v.picklist(["left", "timed-out", "removed", "demoted", "ended"]),
  }),
  v.object({ change: v.literal("connection"), id, connection }),
  v.object({ change: v.literal("renamed"), id, name: v.string() }),
  v.object({ change: v.literal("role"), id, role }),
  v.object({ change: v.literal("attributes"), id, set: v.record(v.string(), v.nullable(v.string())) }),
  v.object({ change: v.literal("published"), id, track }),
  v.object({ change: v.literal("unpublished"), id, name: trackName }),
  v.object({ change: v.literal("muted"), id, name: trackName, muted: v.boolean() }),
  v.object({ change: v.literal("raised"), hand }),
  v.object({ change: v.literal("lowered"), id }),
  v.object({ change: v.literal("poll"), poll }),
  v.object({ change: v.literal("poll-gone"), id: count }),
  v.object({ change: v.literal("rules"), rules }),
  v.object({ change: v.literal("recording"), since: v.nullable(v.number()) }),
  v.object({ change: v.literal("meeting"), meeting }),
]);

const qualities = v.record(v.string(), quality);
const tallies = v.record(v.string(), v.array(count));
const presence = v.object({ speaking: v.array(id), quality: qualities, audience: count, tallies });

const message = v.object({
  seq: count,
  at: v.number(),
  from: v.object({ participant: id, identity: id, name: v.string() }),
  text: v.string(),
  to: v.optional(v.object({ identity: id, name: v.string() })),
  reply: v.optional(count),
  mentions: v.optional(v.array(id)),
  edited: v.optional(v.number()),
  deleted: v.optional(v.boolean()),
  reactions: v.optional(v.record(v.string(), v.object({ count, mine: v.boolean() }))),
});
const chat = { type: v.literal("chat"), n: count };
const chatEvent = v.variant("event", [
  v.object({ ...chat, event: v.literal("said"), message }),
  v.object({ ...chat, event: v.literal("edited"), seq: count, text: v.string(), at: v.number() }),
  v.object({ ...chat, event: v.literal("deleted"), seq: count }),
  v.object({ ...chat, event: v.literal("reacted"), seq: count, emoji: v.string(), by: id, on: v.boolean(), count }),
]);

const actor = v.object({ participant: v.optional(id), identity: id, name: v.string() });
const notice = v.variant("notice", [
  v.object({ type: v.literal("notice"), notice: v.literal("silenced"), by: actor }),
  v.object({ type: v.literal("notice"), notice: v.literal("asked-to-unmute"), by: actor }),
  v.object({ type: v.literal("notice"), notice: v.literal("stopped"), source, by: actor }),
]);

const you = v.object({
  role,
  grants: known,
  joinedAt: v.number(),
  name: v.string(),
  invited: v.optional(role),
});
const person = v.object({ id, identity: id, name: v.string(), since: v.number() });
const entry = v.object({ key: v.string(), value: json, revision: count });

const result = v.variant("of", [
  v.object({ of: v.literal("say"), seq: count }),
  v.object({ of: v.literal("read"), messages: v.array(message), more: v.boolean() }),
  v.object({ of: v.literal("poll"), poll: count }),
  v.object({
    of: v.literal("list-votes"),
    votes: v.array(v.object({ identity: id, name: v.string(), choices: v.array(count) })),
    more: v.boolean(),
  }),
  v.object({ of: v.literal("set"), revision: count }),
  v.object({ of: v.literal("watch"), entries: v.array(entry) }),
  v.object({ of: v.literal("list-audience"), people: v.array(person), more: v.boolean() }),
  v.object({
    of: v.literal("list-bans"),
    bans: v.array(v.object({ identity: id, at: v.number(), by: v.string() })),
    more: v.boolean(),
  }),
  /** Events are for logs and lists: what they hold is shown, not acted upon. */
  v.object({
    of: v.literal("audit"),
    events: v.array(v.looseObject({ type: v.string(), seq: count, at: v.number(), meeting: v.nullable(v.string()) })),
    more: v.boolean(),
  }),
]);

export const serverMessage = v.variant("type", [
  v.object({
    type: v.literal("welcome"),
    protocol: count,
    participant: id,
    you,
    lineage: id,
    resumed: v.boolean(),
    pingInterval: count,
    grace: count,
  }),
  v.object({ type: v.literal("waiting"), pingInterval: count }),
  v.object({ type: v.literal("snapshot"), state, presence, chat: count }),
  v.object({ type: v.literal("delta"), after: count, version: count, changes: v.array(changeSchema) }),
  v.object({ type: v.literal("presence"), presence }),
  v.object({
    type: v.literal("signals"),
    speaking: v.optional(v.array(id)),
    silent: v.optional(v.array(id)),
    quality: v.optional(qualities),
    audience: v.optional(count),
    tallies: v.optional(tallies),
    typing: v.optional(v.array(v.string())),
  }),
  chatEvent,
  v.object({ type: v.literal("entries"), set: v.array(entry), gone: v.array(v.string()) }),
  v.object({ type: v.literal("you"), you }),
  notice,
  v.object({ type: v.literal("lobby"), waiting: v.array(person), count }),
  v.object({ type: v.literal("emoted"), from: id, name: v.string(), emoji: v.string() }),
  v.object({ type: v.literal("relayed"), from: id, topic: v.string(), payload: v.string() }),
  v.object({ type: v.literal("ack"), id: count, version: count, result: v.optional(result) }),
  v.object({
    type: v.literal("error"),
    id: v.optional(count),
    code: v.string(),
    message: v.string(),
    retry: v.boolean(),
    retryAfter: v.optional(v.number()),
    current: v.optional(count),
  }),
  v.object({ type: v.literal("pong") }),
]);
