/** One track as the Calls API has it: how it is asked for, and whether it was given. */
import type { Simulcast, TrackObject, TrackResult } from "@satsuma/protocol";
import { SfuError } from "./sfu.ts";

export interface PullItem {
  readonly session: string;
  readonly name: string;
  /** The simulcast layer to begin with. */
  readonly rid?: string | undefined;
}

/** The layer may be another one where bandwidth or the publisher has no better. */
export function pulledTrack({ session, name, rid }: PullItem): TrackObject {
  const simulcast: Simulcast = {
    preferredRid: rid ?? "",
    priorityOrdering: "asciibetical",
    ridNotAvailable: "asciibetical",
  };
  return { location: "remote", sessionId: session, trackName: name, ...(rid === undefined ? {} : { simulcast }) };
}

export function failed(result: TrackResult | undefined): boolean {
  return result === undefined || (result.errorCode !== undefined && result.errorCode !== "");
}

export function itemError(result: TrackResult | undefined): SfuError {
  return new SfuError(
    result?.errorCode ?? "internal_error",
    200,
    result?.errorDescription ?? "The track was left out.",
  );
}
