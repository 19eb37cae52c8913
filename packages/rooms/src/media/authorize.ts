/**
 * Whether a member may have an operation done, decided over the room's state alone.
 *
 * A batch of pulls is not refused as a whole for one unknown track: the item is answered here as the media server would
 * answer it, and the others go on.
 */
import {
  type Grant,
  limits,
  type Refusal,
  refusal,
  type TrackObject,
  type TrackResult,
  type TracksRequest,
} from "@satsuma/protocol";
import { grantsOf } from "../capability/permission.ts";
import type { Member, RoomData } from "../data.ts";
import { kindOf, kindsOf } from "./kinds.ts";
import type { MediaOperation } from "./operation.ts";

export type Verdict =
  | { readonly verdict: "refused"; readonly refusal: Refusal }
  /** `answered` holds, by position in the request, the items that the media server is not asked about. */
  | {
      readonly verdict: "allowed";
      readonly operation: MediaOperation;
      readonly answered: ReadonlyMap<number, TrackResult>;
    };

export function authorize(data: RoomData, participant: string, operation: MediaOperation, sessions: number): Verdict {
  const member = data.members.get(participant);
  if (!member) return refused(refusal("not-a-member", "Only a member of the room may use its media."));
  if (operation.do === "new-session") return mayCreate(member, operation, sessions);
  if (!member.sessions.includes(operation.session)) {
    // The same words for a session of somebody else and for none at all: a guess learns nothing.
    return refused(refusal("not-your-session", "This media session is not yours."));
  }
  if (operation.do !== "tracks" && operation.do !== "update-tracks") return allowed(operation);
  const { tracks } = operation.body;
  if (tracks.length > limits.tracksPerRequest) {
    return refused(refusal("invalid_params", `A request may name ${limits.tracksPerRequest} tracks.`));
  }
  const grants = grantsOf(member, data.state.rules);
  if (operation.do === "tracks" && !mayPush(operation.body, grants)) {
    return refused(refusal("not-allowed", "You may not publish that in this room."));
  }
  if (tracks.some((track) => track.location === "remote") && !grants.has("subscribe")) {
    return refused(refusal("not-allowed", "You may not receive what others publish in this room."));
  }
  const { going, answered } = pullable(data, tracks);
  // Written twice, since the two bodies are of two types.
  if (operation.do === "tracks") {
    return { verdict: "allowed", operation: { ...operation, body: { ...operation.body, tracks: going } }, answered };
  }
  return { verdict: "allowed", operation: { ...operation, body: { ...operation.body, tracks: going } }, answered };
}

/** Of what is pushed only the kind is known; which source it is, and whether that may be, shows when it is published. */
const sources = { audio: ["microphone", "screen"], video: ["camera", "screen"] } as const;

function mayPush({ tracks, sessionDescription, autoDiscover }: TracksRequest, grants: ReadonlySet<Grant>): boolean {
  // It publishes m-lines that nobody names here, so it is for those who may publish either kind.
  if (autoDiscover && !Object.values(sources).every((any) => any.some((source) => grants.has(source)))) return false;
  const kinds = kindsOf(sessionDescription?.sdp ?? "");
  const pushed = tracks.filter((track) => track.location === "local");
  const [only] = pushed.length === 1 ? pushed : [];
  // Whoever only receives opens the connection with a silent m-line; nobody can pull what they may not publish.
  if (!autoDiscover && only && kindOf(only, kinds) === "audio" && grants.has("subscribe")) return true;
  return pushed.every((track) => {
    const kind = kindOf(track, kinds);
    const any = kind ? sources[kind] : [...sources.audio, ...sources.video];
    return any.some((source) => grants.has(source));
  });
}

function mayCreate(member: Member, operation: MediaOperation, sessions: number): Verdict {
  if (member.sessions.length + member.making < sessions) return allowed(operation);
  return refused(refusal("limit-reached", `A participant may have ${sessions} media sessions alive at once.`));
}

/** The tracks that the media server is asked about, and the answers for those that this room does not have. */
function pullable(data: RoomData, tracks: readonly TrackObject[]) {
  const answered = new Map<number, TrackResult>();
  const going: TrackObject[] = [];
  tracks.forEach((track, position) => {
    if (track.location !== "remote" || isPublished(data, track)) going.push(track);
    else answered.set(position, { ...track, mid: "", ...notPublished });
  });
  return { going, answered };
}

/** Whether somebody here publishes it, from a session of their own. */
export function isPublished(data: RoomData, { sessionId, trackName }: TrackObject): boolean {
  const owner = sessionId === undefined ? undefined : data.owners.get(sessionId);
  return owner?.face.tracks.some(({ session, name }) => session === sessionId && name === trackName) === true;
}

const notPublished = {
  errorCode: "not_found_track_error",
  errorDescription: "No member of this room has published this track.",
} as const;

function allowed(operation: MediaOperation): Verdict {
  return { verdict: "allowed", operation, answered: new Map() };
}

function refused(why: Refusal): Verdict {
  return { verdict: "refused", refusal: why };
}
