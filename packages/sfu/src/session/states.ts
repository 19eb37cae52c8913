/** What a session tells of itself: each track with whether it flows. `active` does not prove packets, as at Calls. */
import type { SessionStateResponse } from "@satsuma/protocol";
import type { FindPublication } from "./consequences.ts";
import { publishedName, pulledAddress, type Section } from "./section.ts";

export function statesOf(section: Section, find: FindPublication): NonNullable<SessionStateResponse["tracks"]> {
  const { mid, inbound, outbound } = section;
  const states: NonNullable<SessionStateResponse["tracks"]> = [];
  const trackName = publishedName(inbound);
  if (trackName !== undefined) {
    const simulcast = inbound.state === "publishing" && inbound.publication.simulcast;
    const watched = simulcast ? { watchedRids: inbound.publication.watchedRids } : undefined;
    states.push({ location: "local", mid, trackName, status: statusOf(inbound.state), ...watched });
  }
  const source = pulledAddress(outbound);
  if (source !== undefined) {
    const there = find(source.sessionId, source.trackName) !== undefined;
    states.push({ location: "remote", mid, ...source, status: there ? statusOf(outbound.state) : "inactive" });
  }
  return states;
}

function statusOf(state: Section["inbound"]["state"] | Section["outbound"]["state"]) {
  if (state === "closed") return "inactive";
  return state === "invited" || state === "offered" ? "initializing" : "active";
}
