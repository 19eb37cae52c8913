import { expect, test } from "vitest";
import { mergeTracks } from "./merge.ts";

test("[RM43] answers come back in the order of the request, whoever gave them", () => {
  const refused = (trackName: string) => ({ trackName, errorCode: "not_found_track_error" });
  const answered = new Map([
    [0, refused("a")],
    [2, refused("c")],
  ]);
  const response = {
    requiresImmediateRenegotiation: true,
    tracks: [
      { trackName: "b", mid: "1" },
      { trackName: "d", mid: "2" },
    ],
  };
  const merged = mergeTracks(answered, response);
  expect(merged.tracks?.map(({ trackName }) => trackName)).toEqual(["a", "b", "c", "d"]);
  expect(merged.requiresImmediateRenegotiation).toBe(true);
});

test("[RM43] an answer without items still carries those that were refused here", () => {
  const answered = new Map([[0, { trackName: "a", errorCode: "not_found_track_error" }]]);
  expect(mergeTracks(answered, { errorCode: "session_error" }).tracks).toHaveLength(1);
});
