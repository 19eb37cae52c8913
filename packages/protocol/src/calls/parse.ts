/**
 * Reads request bodies of the Calls API. Unknown fields are dropped, not refused: partytracks echoes whatever an earlier
 * answer contained.
 */
import * as v from "valibot";
import { limits } from "../limits.ts";
import type { Result } from "../result.ts";
import { invalid, missing, parseBody } from "./body.ts";
import type {
  BeginRequest,
  CloseTracksRequest,
  DataChannelsRequest,
  EstablishRequest,
  NewSessionRequest,
  RenegotiateRequest,
  TrackObject,
  TracksRequest,
  UpdateTracksRequest,
} from "./shapes.ts";

const sessionDescription = v.object({
  type: v.picklist(["offer", "answer"]),
  sdp: v.pipe(v.string(), v.maxLength(limits.callsBodyBytes)),
});

const mid = v.pipe(v.string(), v.maxLength(64));
const sessionId = v.pipe(v.string(), v.maxLength(128));
/** As in the room, no slash and no control characters; the name ends up in SDP. */
const trackName = v.pipe(v.string(), v.regex(/^[^/\p{Cc}]+$/u), v.maxLength(limits.trackNameLength));

const track = v.object({
  location: v.optional(v.picklist(["local", "remote"])),
  mid: v.optional(mid),
  sessionId: v.optional(sessionId),
  trackName: v.optional(trackName),
  kind: v.optional(v.picklist(["audio", "video"])),
  bidirectionalMediaStream: v.optional(v.boolean()),
  simulcast: v.optional(
    v.object({
      preferredRid: v.optional(v.pipe(v.string(), v.maxLength(16))),
      priorityOrdering: v.optional(v.picklist(["none", "asciibetical"])),
      ridNotAvailable: v.optional(v.picklist(["none", "asciibetical"])),
    }),
  ),
  tellWatched: v.optional(v.boolean()),
});

const newSession = v.object({ sessionDescription });
const tracks = v.object({
  tracks: v.optional(v.array(track)),
  autoDiscover: v.optional(v.boolean()),
  sessionDescription: v.optional(sessionDescription),
});
const begin = v.object({ push: tracks, pull: v.optional(tracks) });
const dataChannel = v.object({
  location: v.optional(v.picklist(["local", "remote"])),
  sessionId: v.optional(sessionId),
  dataChannelName: v.optional(trackName),
  id: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(65_534))),
  ordered: v.optional(v.boolean()),
  maxRetransmits: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(65_535))),
  maxPacketLifeTime: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(65_535))),
  waitForAck: v.optional(v.boolean()),
  canReply: v.optional(v.boolean()),
});
const establish = v.object({ dataChannel, sessionDescription: v.optional(sessionDescription) });
const dataChannels = v.object({ dataChannels: v.array(dataChannel) });
const updateTracks = v.object({ tracks: v.array(track) });
const renegotiate = v.object({ sessionDescription });
const closeTracks = v.object({
  tracks: v.array(v.object({ mid })),
  force: v.boolean(),
  sessionDescription: v.optional(sessionDescription),
});

/** `undefined` means that there was no body, which Calls takes as a session without an offer. */
export function parseNewSession(body: string | undefined): Result<NewSessionRequest | undefined> {
  if (body === undefined || body === "") return { ok: true, value: undefined };
  return parseBody(newSession, body);
}

/** Refuses more than 64 tracks, none at all, and batches that mix local with remote, with `invalid_params`. */
export function parseTracks(body: string | undefined): Result<TracksRequest> {
  const parsed = parseBody(tracks, body);
  return parsed.ok ? readTracks(parsed.value) : parsed;
}

/** As `parseTracks` twice: what is pushed is local, what is pulled is remote. */
export function parseBegin(body: string | undefined): Result<BeginRequest> {
  const parsed = parseBody(begin, body);
  if (!parsed.ok) return parsed;
  const push = readTracks(parsed.value.push);
  if (!push.ok) return push;
  const pull = parsed.value.pull && readTracks(parsed.value.pull);
  if (pull && !pull.ok) return pull;
  const isWrong = (request: TracksRequest, location: TrackObject["location"]) =>
    request.tracks.some((track) => track.location !== location);
  if (isWrong(push.value, "local")) return invalid("What is pushed is local.");
  if (pull && isWrong(pull.value, "remote")) return invalid("What is pulled is remote.");
  return { ok: true, value: { push: push.value, ...(pull && { pull: pull.value }) } };
}

export function parseRenegotiate(body: string | undefined): Result<RenegotiateRequest> {
  return parseBody(renegotiate, body);
}

export function parseCloseTracks(body: string | undefined): Result<CloseTracksRequest> {
  const parsed = parseBody(closeTracks, body);
  if (!parsed.ok) return parsed;
  return wrongCount(parsed.value.tracks) ?? parsed;
}

export function parseEstablish(body: string | undefined): Result<EstablishRequest> {
  return parseBody(establish, body);
}

/** For new, update and close alike. Both bounds of repetition at once are refused, as in the browser's API. */
export function parseDataChannels(body: string | undefined): Result<DataChannelsRequest> {
  const parsed = parseBody(dataChannels, body);
  if (!parsed.ok) return parsed;
  const items = parsed.value.dataChannels;
  if (items.some((item) => item.maxRetransmits !== undefined && item.maxPacketLifeTime !== undefined)) {
    return invalid("A data channel may have maxRetransmits or maxPacketLifeTime, not both.");
  }
  return wrongCount(items) ?? parsed;
}

export function parseUpdateTracks(body: string | undefined): Result<UpdateTracksRequest> {
  const parsed = parseBody(updateTracks, body);
  if (!parsed.ok) return parsed;
  return wrongCount(parsed.value.tracks) ?? parsed;
}

function wrongCount(items: readonly unknown[]): ReturnType<typeof invalid> | undefined {
  if (items.length === 0) return invalid("Expecting at least 1 track in the request.");
  if (items.length > limits.tracksPerRequest) {
    return invalid(`Expecting at most ${limits.tracksPerRequest} tracks in the request.`);
  }
  return undefined;
}

function readTracks(given: v.InferOutput<typeof tracks>): Result<TracksRequest> {
  const { tracks: items = [], ...others } = given;
  if (others.autoDiscover && items.length === 0) return { ok: true, value: { ...others, tracks: items } };
  if (given.tracks === undefined) return missing("tracks");
  const wrong = wrongCount(items);
  if (wrong !== undefined) return wrong;
  if (items.some((item) => item.location === undefined))
    return invalid("Every track needs a location, local or remote.");
  if (new Set(items.map((item) => item.location)).size > 1)
    return invalid("Tracks of one request are all local or all remote.");
  return { ok: true, value: { ...others, tracks: items } };
}
