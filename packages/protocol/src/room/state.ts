/**
 * The room as every member sees it, and the changes that move it from one version to the next.
 *
 * Nothing here is private to a member, and nothing here is gone in a second: who speaks and how well they are heard is
 * presence.ts, what was said is chat.ts. A member that sees a gap between versions asks for a resync instead of guessing.
 */
import type { Grant, Role } from "./grants.ts";

export type TrackKind = "audio" | "video";
export type TrackSource = "microphone" | "camera" | "screen" | "screen-audio";

/** A published track: pull it from the SFU with `{ sessionId: session, trackName: name }`. */
export interface Track {
  /** Unique among the tracks of its participant; may be reused after it was unpublished. */
  readonly name: string;
  readonly kind: TrackKind;
  readonly source: TrackSource;
  /** The publisher's SFU session. Changes when the publisher's media connection is rebuilt. */
  readonly session: string;
  /** True while the publisher sends silence or nothing; the track stays published. */
  readonly muted: boolean;
}

/** Whether the participant's socket is up, or was lost and its place is being kept. */
export type ParticipantConnection = "connected" | "recovering";

/** Somebody on stage. Listeners are only counted (presence.ts). */
export interface Participant {
  /** One presence in the room: a person on two devices is two participants of one identity. */
  readonly id: string;
  /** The person, as the token named them. */
  readonly identity: string;
  readonly name: string;
  readonly role: Role;
  /** Milliseconds since the epoch, by the room's clock. */
  readonly joinedAt: number;
  readonly connection: ParticipantConnection;
  /** In the order of publishing. */
  readonly tracks: readonly Track[];
  /** An app's own facts about this participant. */
  readonly attributes: Attributes;
}

export type Attributes = Readonly<Record<string, string>>;

/** From the first member's coming until it is ended, or nobody has been there for a while. */
export interface Meeting {
  readonly id: string;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
}

/** How the room is run. Moderators and the server change it. */
export interface Rules {
  /** Newcomers are refused. */
  readonly locked: boolean;
  /** Newcomers wait until a moderator admits them. */
  readonly lobby: boolean;
  /** Newcomers need a passcode. */
  readonly passcode: boolean;
  /** Taken from everyone who does not moderate, whatever their token says. */
  readonly withheld: readonly Grant[];
  /** Members at once, if it is less than the server takes. */
  readonly most: number | null;
  /** Milliseconds since the epoch at which the meeting ends by itself. */
  readonly endsAt: number | null;
}

/** Somebody who asks to speak; also a listener, who is not among the participants. */
export interface Hand {
  readonly id: string;
  readonly identity: string;
  readonly name: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

export interface Poll {
  readonly id: number;
  readonly question: string;
  readonly options: readonly string[];
  /** Nobody learns who voted for what. */
  readonly anonymous: boolean;
  /** More than one option may be chosen. */
  readonly multiple: boolean;
  /** The identity that asks. */
  readonly by: string;
  /** The count of each option once it is closed; until then they are in the presence. */
  readonly result: readonly number[] | null;
}

export interface RoomState {
  readonly version: number;
  readonly meeting: Meeting | null;
  readonly rules: Rules;
  /** Milliseconds since the epoch from which it is recorded. */
  readonly recording: number | null;
  /** In the order of joining. */
  readonly participants: readonly Participant[];
  /** In the order of raising. */
  readonly hands: readonly Hand[];
  /** In the order of asking. */
  readonly polls: readonly Poll[];
}

/** `demoted`: now among the listeners. */
export type LeaveReason = "left" | "timed-out" | "removed" | "demoted" | "ended";

/** One fact about the room. The order inside a delta matters. */
export type Change =
  | { readonly change: "joined"; readonly participant: Participant }
  | { readonly change: "left"; readonly id: string; readonly why: LeaveReason }
  | { readonly change: "connection"; readonly id: string; readonly connection: ParticipantConnection }
  | { readonly change: "renamed"; readonly id: string; readonly name: string }
  | { readonly change: "role"; readonly id: string; readonly role: Role }
  /** Null removes one. */
  | { readonly change: "attributes"; readonly id: string; readonly set: Readonly<Record<string, string | null>> }
  | { readonly change: "published"; readonly id: string; readonly track: Track }
  | { readonly change: "unpublished"; readonly id: string; readonly name: string }
  | { readonly change: "muted"; readonly id: string; readonly name: string; readonly muted: boolean }
  | { readonly change: "raised"; readonly hand: Hand }
  | { readonly change: "lowered"; readonly id: string }
  | { readonly change: "poll"; readonly poll: Poll }
  | { readonly change: "poll-gone"; readonly id: number }
  | { readonly change: "rules"; readonly rules: Rules }
  | { readonly change: "recording"; readonly since: number | null }
  | { readonly change: "meeting"; readonly meeting: Meeting | null };

/** All changes from the version `after` to `version`; it applies to that version and to no other. */
export interface Delta {
  readonly after: number;
  readonly version: number;
  readonly changes: readonly Change[];
}

export const openRules: Rules = {
  locked: false,
  lobby: false,
  passcode: false,
  withheld: [],
  most: null,
  endsAt: null,
};

export const emptyRoom: RoomState = {
  version: 0,
  meeting: null,
  rules: openRules,
  recording: null,
  participants: [],
  hands: [],
  polls: [],
};

/** The state after one change, at the same version; unchanged parts keep their identity, so views can compare by reference. */
export function applyChange(state: RoomState, change: Change): RoomState {
  switch (change.change) {
    case "joined": {
      const others = state.participants.filter((p) => p.id !== change.participant.id);
      return { ...state, participants: [...others, change.participant] };
    }
    case "left":
      return { ...state, participants: state.participants.filter((p) => p.id !== change.id) };
    case "connection":
      return edit(state, change.id, (p) => ({ ...p, connection: change.connection }));
    case "renamed":
      return renamed(state, change.id, change.name);
    case "role":
      return edit(state, change.id, (p) => ({ ...p, role: change.role }));
    case "attributes":
      return edit(state, change.id, (p) => ({ ...p, attributes: withAttributes(p.attributes, change.set) }));
    case "published":
      return editTracks(state, change.id, (tracks) => withTrack(tracks, change.track));
    case "unpublished":
      return editTracks(state, change.id, (tracks) => tracks.filter((t) => t.name !== change.name));
    case "muted":
      return editTracks(state, change.id, (tracks) =>
        tracks.map((t) => (t.name === change.name ? { ...t, muted: change.muted } : t)),
      );
    case "raised":
      return { ...state, hands: [...state.hands.filter((hand) => hand.id !== change.hand.id), change.hand] };
    case "lowered":
      return { ...state, hands: state.hands.filter((hand) => hand.id !== change.id) };
    case "poll":
      return { ...state, polls: withPoll(state.polls, change.poll) };
    case "poll-gone":
      return { ...state, polls: state.polls.filter((poll) => poll.id !== change.id) };
    case "rules":
      return { ...state, rules: change.rules };
    case "recording":
      return { ...state, recording: change.since };
    case "meeting":
      return { ...state, meeting: change.meeting };
  }
}

/** The state after a delta, or undefined if the delta does not follow this state: then ask for a resync. */
export function applyDelta(state: RoomState, delta: Delta): RoomState | undefined {
  if (delta.after !== state.version) return undefined;
  return { ...delta.changes.reduce(applyChange, state), version: delta.version };
}

/** One delta for several that follow one another, so that a resume or a busy moment is one frame. */
export function joinDeltas(deltas: readonly [Delta, ...Delta[]]): Delta {
  const last = deltas.at(-1) ?? deltas[0];
  return { after: deltas[0].after, version: last.version, changes: deltas.flatMap(({ changes }) => changes) };
}

function edit(state: RoomState, id: string, change: (participant: Participant) => Participant): RoomState {
  const { participants } = state;
  const at = participants.findIndex((participant) => participant.id === id);
  const participant = participants[at];
  // A plain copy with one place changed: of a thousand participants a fraction of what mapping them costs.
  return participant ? { ...state, participants: participants.with(at, change(participant)) } : state;
}

function editTracks(state: RoomState, id: string, change: (tracks: readonly Track[]) => readonly Track[]): RoomState {
  return edit(state, id, (participant) => ({ ...participant, tracks: change(participant.tracks) }));
}

function renamed(state: RoomState, id: string, name: string): RoomState {
  const { participants } = edit(state, id, (participant) => ({ ...participant, name }));
  const hands = state.hands.map((hand) => (hand.id === id ? { ...hand, name } : hand));
  return { ...state, participants, hands };
}

function withTrack(tracks: readonly Track[], track: Track): readonly Track[] {
  if (!tracks.some((t) => t.name === track.name)) return [...tracks, track];
  return tracks.map((t) => (t.name === track.name ? track : t));
}

function withAttributes(attributes: Attributes, set: Readonly<Record<string, string | null>>): Attributes {
  const entries = Object.entries({ ...attributes, ...set });
  return Object.fromEntries(entries.filter((entry): entry is [string, string] => entry[1] !== null));
}

function withPoll(polls: readonly Poll[], poll: Poll): readonly Poll[] {
  if (!polls.some(({ id }) => id === poll.id)) return [...polls, poll];
  return polls.map((other) => (other.id === poll.id ? poll : other));
}
