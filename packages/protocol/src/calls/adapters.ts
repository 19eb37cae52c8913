/**
 * Words of the WebSocket media adapters: audio in or out of the media server over a WebSocket that the server dials.
 * Shapes and spelling are Calls'.
 */
import * as v from "valibot";
import type { Refusal } from "../errors.ts";
import { limits } from "../limits.ts";
import type { Result } from "../result.ts";
import { invalid, parseBody } from "./body.ts";
import type { CallsError } from "./shapes.ts";

/** `local` publishes what the endpoint sends; `remote` sends a published track to the endpoint. */
export type NewAdapter =
  | { location: "local"; trackName: string; endpoint: string; inputCodec: "pcm" }
  | { location: "remote"; sessionId: string; trackName: string; endpoint: string; outputCodec: "pcm" | "jpeg" };

export interface NewAdapterResult extends CallsError {
  trackName?: string | undefined;
  adapterId?: string | undefined;
  /** The session that publishes the track: of `local`, one that was made for it. */
  sessionId?: string | undefined;
  endpoint?: string | undefined;
}

export interface NewAdaptersResponse extends CallsError {
  tracks?: NewAdapterResult[];
}

export interface CloseAdaptersRequest {
  tracks: { adapterId: string }[];
}

export interface CloseAdaptersResponse extends CallsError {
  /** `bytesProcessed` counts PCM; it is left out when the adapter was closed already. */
  tracks?: ({ adapterId?: string | undefined; bytesProcessed?: number | undefined } & CallsError)[];
}

/** Adapters in one request (Calls API). */
const mostItems = 4;
const mostEndpoint = 2_048;

const text = (length: number) => v.optional(v.pipe(v.string(), v.maxLength(length)));
const newAdapters = v.object({
  tracks: v.array(
    v.object({
      location: text(16),
      sessionId: text(128),
      trackName: text(limits.trackNameLength),
      endpoint: text(mostEndpoint),
      inputCodec: text(16),
      outputCodec: text(16),
    }),
  ),
});
const closeAdapters = v.object({ tracks: v.array(v.object({ adapterId: v.pipe(v.string(), v.maxLength(128)) })) });

export function parseNewAdapters(body: string | undefined): Result<NewAdapter[]> {
  const parsed = parseBody(newAdapters, body);
  if (!parsed.ok) return parsed;
  const { tracks } = parsed.value;
  const wrong = wrongCount(tracks);
  if (wrong !== undefined) return wrong;
  const items: NewAdapter[] = [];
  for (const track of tracks) {
    const item = readItem(track);
    if (typeof item === "string") return invalid(item);
    items.push(item);
  }
  return { ok: true, value: items };
}

export function parseCloseAdapters(body: string | undefined): Result<CloseAdaptersRequest> {
  const parsed = parseBody(closeAdapters, body);
  if (!parsed.ok) return parsed;
  return wrongCount(parsed.value.tracks) ?? parsed;
}

/** The item, or a sentence that says what is wrong with it. */
function readItem(track: v.InferOutput<typeof newAdapters>["tracks"][number]): NewAdapter | string {
  const { location, sessionId = "", trackName = "", endpoint = "", inputCodec, outputCodec } = track;
  if (!/^[^/\p{Cc}]+$/u.test(trackName)) return "Every track needs a trackName, without slashes.";
  if (!isEndpoint(endpoint)) return "Every track needs an endpoint, a ws:// or wss:// address without credentials.";
  switch (location) {
    case "local":
      if (inputCodec !== "pcm") return "A local track needs the inputCodec pcm.";
      return { location, trackName, endpoint, inputCodec };
    case "remote":
      if (sessionId === "") return "A remote track needs a sessionId.";
      if (outputCodec !== "pcm" && outputCodec !== "jpeg") return "A remote track needs the outputCodec pcm or jpeg.";
      return { location, sessionId, trackName, endpoint, outputCodec };
    default:
      return "Every track needs a location, local or remote.";
  }
}

/** Scheme, host without credentials, and whatever follows but a fragment (RFC 6455 §3). What the host is, its dialler judges. */
function isEndpoint(endpoint: string): boolean {
  return /^wss?:\/\/[^/?#@\s]+(?:[/?][^#\s]*)?$/i.test(endpoint);
}

function wrongCount(items: readonly unknown[]): { ok: false; refusal: Refusal } | undefined {
  if (items.length === 0) return invalid("Expecting at least 1 track in the request.");
  if (items.length > mostItems) return invalid(`Expecting at most ${mostItems} track in the request.`);
  return undefined;
}
