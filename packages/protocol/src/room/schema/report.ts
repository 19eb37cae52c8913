/** A report, field by field. Words are of letters, digits and dashes: nothing that identifies a network fits into one. */
import * as v from "valibot";
import { limits } from "../../limits.ts";
import { count, id, quality, source } from "./words.ts";

const word = v.pipe(v.string(), v.regex(/^[a-z][a-z0-9-]{0,39}$/, "A word of letters, digits and dashes is expected."));
const part = v.pipe(v.number(), v.minValue(0), v.maxValue(1));
const amount = v.pipe(v.number(), v.finite(), v.minValue(0), v.maxValue(1e12));
const sessionId = v.pipe(v.string(), v.regex(/^[\w-]{1,128}$/, "A session id is expected."));

const track = v.strictObject({
  way: v.picklist(["sent", "received"]),
  kind: v.picklist(["audio", "video"]),
  source: v.optional(source),
  participant: v.optional(id),
  bitrate: v.optional(amount),
  loss: v.optional(part),
  jitter: v.optional(amount),
  audioLevel: v.optional(part),
  width: v.optional(count),
  height: v.optional(count),
  frameRate: v.optional(amount),
  frozen: v.optional(part),
  concealed: v.optional(part),
  limitation: v.optional(word),
});

const sample = v.strictObject({
  quality,
  cause: v.optional(word),
  duration: v.optional(amount),
  roundTrip: v.optional(amount),
  lossIn: v.optional(part),
  lossOut: v.optional(part),
  available: v.optional(amount),
  relayed: v.optional(v.boolean()),
  tracks: v.optional(v.pipe(v.array(track), v.maxLength(limits.sampledTracks))),
});

const states = v.strictObject({
  connection: v.optional(word),
  ice: v.optional(word),
  gathering: v.optional(word),
  signalling: v.optional(word),
  attempt: v.optional(count),
  why: v.optional(word),
});

export const reportMessage = v.strictObject({
  type: v.literal("report"),
  session: v.optional(sessionId),
  sample: v.optional(sample),
  states: v.optional(states),
});
