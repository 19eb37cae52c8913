/** What a client may say, field by field. Anything more than that is refused. */
import * as v from "valibot";
import { isFlatterThan } from "../../json.ts";
import { limits } from "../../limits.ts";
import type { JsonValue } from "../commands.ts";
import { grants as allGrants } from "../grants.ts";
import { reportMessage } from "./report.ts";
import { count, grant, id, nameSchema, quality, role, source, track, trackName, wellFormed } from "./words.ts";

const text = v.pipe(v.string(), v.minLength(1), v.maxLength(limits.chatLength));
const question = v.pipe(v.string(), v.trim(), v.minLength(1), v.maxLength(limits.questionLength));
const emoji = v.pipe(
  v.string(),
  v.minLength(1),
  v.maxLength(limits.emojiLength),
  v.regex(/^[\p{Extended_Pictographic}\p{Emoji_Component}]+$/u, "An emoji is expected."),
);
const key = v.pipe(
  v.string(),
  v.regex(/^\P{Cc}+$/u, "A key has no control characters."),
  v.maxLength(limits.entryKeyLength),
  wellFormed,
);
const prefix = v.pipe(
  v.string(),
  v.regex(/^\P{Cc}*$/u, "A prefix has no control characters."),
  v.maxLength(limits.entryKeyLength),
  wellFormed,
);
const limit = v.pipe(count, v.minValue(1), v.maxValue(limits.pageLength));
const ids = v.pipe(v.array(id), v.minLength(1), v.maxLength(limits.namedAtOnce));
const names = v.pipe(v.array(trackName), v.minLength(1), v.maxLength(limits.tracksPerParticipant));
/** The frame that brought it has been read as JSON, so it is JSON. Deep nesting would end whoever writes it again. */
const json = v.pipe(
  v.custom<JsonValue>((value) => value !== undefined, "A value is missing."),
  v.check((value) => isFlatterThan(value, limits.jsonDepth), "The value is nested too deep."),
);
const grants = v.pipe(v.array(grant), v.maxLength(allGrants.length));
/** Null takes one away. */
export const attributesSchema = v.pipe(
  // The schema below would leave them out, and what is left out would be taken for done.
  v.custom<object>((value) => !isObject(value) || !unusable.some((key) => Object.hasOwn(value, key)), "No such key."),
  v.record(
    v.pipe(v.string(), v.minLength(1), v.maxLength(limits.attributeKeyLength), wellFormed),
    v.nullable(v.pipe(v.string(), v.maxLength(limits.attributeLength))),
  ),
  v.check((set) => Object.keys(set).length <= limits.attributes, "Too many attributes."),
);

/** Words of every object's own. */
const unusable = ["__proto__", "prototype", "constructor"] as const;

const own = [
  v.strictObject({
    do: v.literal("publish"),
    tracks: v.pipe(v.array(track), v.minLength(1), v.maxLength(limits.tracksPerParticipant)),
  }),
  v.strictObject({ do: v.literal("unpublish"), names }),
  v.strictObject({ do: v.literal("mute"), name: trackName, muted: v.boolean() }),
  v.strictObject({ do: v.literal("rename"), name: nameSchema }),
  v.strictObject({ do: v.literal("describe"), attributes: attributesSchema }),
  v.strictObject({ do: v.literal("raise") }),
  v.strictObject({ do: v.literal("lower"), id: v.optional(id) }),
  v.strictObject({ do: v.literal("accept") }),
  v.strictObject({ do: v.literal("leave") }),
] as const;

const chat = [
  v.strictObject({
    do: v.literal("say"),
    text,
    to: v.optional(id),
    reply: v.optional(count),
    mentions: v.optional(v.pipe(v.array(id), v.maxLength(limits.mentions))),
  }),
  v.strictObject({ do: v.literal("edit"), seq: count, text }),
  v.strictObject({ do: v.literal("delete"), seq: count }),
  v.strictObject({ do: v.literal("react"), seq: count, emoji, on: v.boolean() }),
  v.strictObject({ do: v.literal("read"), before: v.optional(count), limit }),
  v.strictObject({ do: v.literal("emote"), emoji }),
] as const;

const shared = [
  v.strictObject({
    do: v.literal("poll"),
    question,
    options: v.pipe(v.array(question), v.minLength(2), v.maxLength(limits.pollOptions)),
    anonymous: v.boolean(),
    multiple: v.boolean(),
  }),
  v.strictObject({
    do: v.literal("vote"),
    poll: count,
    choices: v.pipe(v.array(count), v.maxLength(limits.pollOptions)),
  }),
  v.strictObject({ do: v.literal("close-poll"), poll: count }),
  v.strictObject({ do: v.literal("delete-poll"), poll: count }),
  v.strictObject({ do: v.literal("list-votes"), poll: count, after: v.optional(id), limit }),
  v.strictObject({ do: v.literal("set"), key, value: json, if: v.optional(count) }),
  v.strictObject({ do: v.literal("unset"), key, if: v.optional(count) }),
  v.strictObject({ do: v.literal("watch"), prefix }),
  v.strictObject({ do: v.literal("unwatch"), prefix }),
  v.strictObject({ do: v.literal("relay"), topic: key, payload: v.string(), to: v.optional(ids) }),
  v.strictObject({ do: v.literal("list-audience"), after: v.optional(id), limit }),
] as const;

const moderation = [
  v.strictObject({ do: v.literal("admit"), ids: v.optional(ids) }),
  v.strictObject({ do: v.literal("deny"), ids: v.optional(ids) }),
  v.strictObject({ do: v.literal("silence"), id: v.optional(id) }),
  v.strictObject({ do: v.literal("ask-unmute"), id }),
  v.strictObject({ do: v.literal("stop"), id, source }),
  v.strictObject({ do: v.literal("remove"), id }),
  v.strictObject({ do: v.literal("ban"), identity: id }),
  v.strictObject({ do: v.literal("unban"), identity: id }),
  v.strictObject({ do: v.literal("list-bans"), after: v.optional(id), limit }),
  v.strictObject({ do: v.literal("set-role"), id, role }),
  v.strictObject({ do: v.literal("grant"), id, grants }),
  v.strictObject({ do: v.literal("invite"), id, role }),
  v.strictObject({ do: v.literal("transfer"), id }),
  v.strictObject({
    do: v.literal("set-rules"),
    rules: v.strictObject({
      locked: v.optional(v.boolean()),
      lobby: v.optional(v.boolean()),
      withheld: v.optional(grants),
      most: v.optional(v.nullable(v.pipe(count, v.minValue(1)))),
      endsAt: v.optional(v.nullable(count)),
    }),
  }),
  v.strictObject({
    do: v.literal("set-passcode"),
    passcode: v.nullable(v.pipe(v.string(), v.minLength(1), v.maxLength(limits.passcodeLength))),
  }),
  v.strictObject({ do: v.literal("record"), on: v.boolean() }),
  v.strictObject({ do: v.literal("end") }),
  v.strictObject({ do: v.literal("audit"), before: v.optional(count), limit }),
] as const;

export const commandSchema = v.variant("do", [...own, ...chat, ...shared, ...moderation]);

export const clientMessage = v.variant("type", [
  v.strictObject({
    type: v.literal("hello"),
    protocols: v.pipe(v.array(count), v.minLength(1), v.maxLength(16)),
    token: v.pipe(v.string(), v.maxLength(4096)),
    client: id,
    passcode: v.optional(v.pipe(v.string(), v.maxLength(limits.passcodeLength))),
    resume: v.optional(v.strictObject({ lineage: id, version: count, chat: count })),
  }),
  v.strictObject({ type: v.literal("command"), id: count, command: commandSchema }),
  v.strictObject({
    type: v.literal("signal"),
    speaking: v.optional(v.boolean()),
    quality: v.optional(quality),
    typing: v.optional(v.boolean()),
  }),
  reportMessage,
  v.strictObject({ type: v.literal("resync") }),
  v.strictObject({ type: v.literal("ping") }),
]);

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}
