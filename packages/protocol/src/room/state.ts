/**
 * The room as every member sees it, and the changes that move it from one version to the next.
 *
 * Nothing here is private to a member. Versions grow by one with every delta; a member that sees a gap asks for a
 * resync instead of guessing.
 */

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

export interface Participant {
  /** One presence in the room: a person on two devices is two participants of one identity. */
  readonly id: string;
  /** The person, as the token named them. */
  readonly identity: string;
  readonly name: string;
  /** Milliseconds since the epoch, by the room's clock. */
  readonly joinedAt: number;
  readonly connection: ParticipantConnection;
  /** In the order of publishing. */
  readonly tracks: readonly Track[];
}

export interface RoomState {
  readonly version: number;
  /** In the order of joining. */
  readonly participants: readonly Participant[];
}

export type LeaveReason = "left" | "timed-out" | "removed";

/** One fact about the room. The order inside a delta matters. */
export type Change =
  | { readonly change: "joined"; readonly participant: Participant }
  | { readonly change: "left"; readonly id: string; readonly why: LeaveReason }
  | { readonly change: "connection"; readonly id: string; readonly connection: ParticipantConnection }
  | { readonly change: "renamed"; readonly id: string; readonly name: string }
  | { readonly change: "published"; readonly id: string; readonly track: Track }
  | { readonly change: "unpublished"; readonly id: string; readonly name: string }
  | { readonly change: "muted"; readonly id: string; readonly name: string; readonly muted: boolean };

/** All changes between `version - 1` and `version`. */
export interface Delta {
  readonly version: number;
  readonly changes: readonly Change[];
}

export const emptyRoom: RoomState = { version: 0, participants: [] };

/** The state after one change, at the same version; unchanged parts keep their identity, so views can compare by reference. */
export function applyChange(participants: readonly Participant[], change: Change): readonly Participant[] {
  switch (change.change) {
    case "joined":
      return [...participants.filter((p) => p.id !== change.participant.id), change.participant];
    case "left":
      return participants.filter((p) => p.id !== change.id);
    case "connection":
      return edit(participants, change.id, (p) => ({ ...p, connection: change.connection }));
    case "renamed":
      return edit(participants, change.id, (p) => ({ ...p, name: change.name }));
    case "published":
      return edit(participants, change.id, (p) => ({
        ...p,
        tracks: p.tracks.some((t) => t.name === change.track.name)
          ? p.tracks.map((t) => (t.name === change.track.name ? change.track : t))
          : [...p.tracks, change.track],
      }));
    case "unpublished":
      return edit(participants, change.id, (p) => ({ ...p, tracks: p.tracks.filter((t) => t.name !== change.name) }));
    case "muted":
      return edit(participants, change.id, (p) => ({
        ...p,
        tracks: p.tracks.map((t) => (t.name === change.name ? { ...t, muted: change.muted } : t)),
      }));
  }
}

/** The state after a delta, or undefined if the delta does not follow this state: then ask for a resync. */
export function applyDelta(state: RoomState, delta: Delta): RoomState | undefined {
  if (delta.version !== state.version + 1) return undefined;
  return { version: delta.version, participants: delta.changes.reduce(applyChange, state.participants) };
}

function edit(
  participants: readonly Participant[],
  id: string,
  change: (participant: Participant) => Participant,
): readonly Participant[] {
  return participants.map((p) => (p.id === id ? change(p) : p));
}
