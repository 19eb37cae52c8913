/** Results of single tracks that failed, inside an answer whose others succeeded. */
import type { ErrorCode, TrackObject, TrackResult } from "@satsuma/protocol";
import type { Unattached } from "./attach.ts";

export function failedItem(track: TrackObject, errorCode: ErrorCode, errorDescription: string): TrackResult {
  const { sessionId, trackName, mid } = track;
  return {
    ...(sessionId !== undefined && { sessionId }),
    ...(trackName !== undefined && { trackName }),
    ...(mid !== undefined && { mid }),
    errorCode,
    errorDescription,
  };
}

/** No mid in the answer: partytracks takes an item with one as a success. */
export function notFound({ sessionId, trackName }: TrackObject): TrackResult {
  const description = "The track was not found at its publisher. Check that its publisher is connected and sends it.";
  return failedItem({ sessionId, trackName }, "not_found_track_error", description);
}

export function empty({ sessionId, trackName }: TrackObject): TrackResult {
  const description = "No media of the track came in time. Check that its publisher sends it.";
  return failedItem({ sessionId, trackName }, "empty_track_error", description);
}

export function noPayloadType({ sessionId, trackName }: TrackObject): TrackResult {
  const description = "This session has no payload type left for the format of the track.";
  return failedItem({ sessionId, trackName }, "invalid_params", description);
}

export function unpublishedItem(
  trackName: string | undefined,
  why: "no-codec" | "not-sending" | "name-taken",
): TrackResult {
  switch (why) {
    case "name-taken":
      return failedItem(
        { trackName },
        "repeated_local_track_error",
        "This session publishes a track of that name already.",
      );
    case "no-codec":
      return failedItem(
        { trackName },
        "unsupported_codec_error",
        "No codec of this m-line is forwarded by this server.",
      );
    case "not-sending":
      return failedItem({ trackName }, "invalid_params", "The m-line of this track does not send.");
  }
}

export function unattached({ sessionId, trackName }: TrackObject, why: Unattached): TrackResult {
  const track = { sessionId, trackName };
  switch (why) {
    case "no-such-mid":
      return failedItem(
        track,
        "invalid_params",
        "The session has no m-line of that mid, or none that carries a track of that name.",
      );
    case "not-sending":
      return failedItem(track, "invalid_params", "The m-line of that mid is not one on which this session receives.");
    case "other-codec":
      return failedItem(
        track,
        "unsupported_codec_error",
        "The m-line of that mid was negotiated for another codec than this track's.",
      );
  }
}
