/**
 * What a room looks like to a page: one immutable value, made from the room's state and the media that came.
 *
 * Parts that did not change keep their identity, so that a view of one participant need not look again when another one
 * speaks.
 */
import type {
  Participant,
  ParticipantConnection,
  Presence,
  RoomState,
  Self,
  Track,
  TrackKind,
  TrackSource,
} from "@satsuma/protocol";
import type { LocalView } from "./devices/local.ts";
import type { Screen } from "./devices/screens.ts";
import { type MediaState, trackKey } from "./media/words.ts";
import type { Lobby } from "./session/known.ts";
import type { ConnectionView } from "./session/words.ts";

export interface TrackView {
  /** Its address at the media server; undefined for one's own. */
  readonly key: string | undefined;
  readonly name: string;
  readonly kind: TrackKind;
  readonly source: TrackSource;
  readonly muted: boolean;
  /** What to show or play; undefined until it is received. */
  readonly media: MediaStreamTrack | undefined;
}

export interface ParticipantView {
  readonly id: string;
  readonly identity: string;
  readonly name: string;
  /** Milliseconds since the epoch, by the room's clock. */
  readonly joinedAt: number;
  readonly connection: ParticipantConnection;
  /** Whether this is the page's own participant. */
  readonly local: boolean;
  /** In the order of publishing. Of one's own, the microphone and camera as others get them, published yet or not. */
  readonly tracks: readonly TrackView[];
}

export interface RoomSnapshot {
  readonly connection: ConnectionView;
  readonly media: MediaState;
  /** The id of one's own participant, once welcomed. */
  readonly me: string | undefined;
  /** In the order of joining. */
  readonly participants: readonly ParticipantView[];
  /** Ids of those who speak right now. */
  readonly speaking: ReadonlySet<string>;
  readonly local: LocalView;
  /** One's own role and grants; undefined before the first welcome. */
  readonly you: Self | undefined;
  /** Who waits to be admitted; empty for those who may not admit anybody. */
  readonly lobby: Lobby;
  /** Everything else that the room keeps: rules, hands, polls and the like, as the protocol has it. */
  readonly room: RoomState;
  /** Who speaks and how well they are connected, by their own word. */
  readonly presence: Presence;
}

/** The track of a source to show. While a rebuilt one replaces an older, the older until the newer has come. */
export function trackOf({ tracks }: ParticipantView, source: TrackSource): TrackView | undefined {
  const newest = tracks.findLast((track) => track.source === source);
  if (newest === undefined || newest.muted || newest.media) return newest;
  return tracks.findLast((track) => track.source === source && track.media !== undefined) ?? newest;
}

/** Makes participants' views, and gives the same object again while nothing in it changed. */
export class Portraits {
  #last = new Map<string, ParticipantView>();
  #list: readonly ParticipantView[] = [];

  view(
    participants: readonly Participant[],
    options: {
      readonly me: string | undefined;
      readonly local: LocalView;
      readonly screens: readonly Screen[];
      readonly mediaOf: (track: Track) => MediaStreamTrack | undefined;
    },
  ): readonly ParticipantView[] {
    const next = participants.map((participant) => {
      const local = participant.id === options.me;
      const { id, identity, name, joinedAt, connection } = participant;
      const tracks = local
        ? ownTracks(options.local, options.screens)
        : participant.tracks.map((track) => ({
            key: trackKey(track),
            name: track.name,
            kind: track.kind,
            source: track.source,
            muted: track.muted,
            media: options.mediaOf(track),
          }));
      return keep(this.#last.get(id), { id, identity, name, joinedAt, connection, local, tracks });
    });
    this.#last = new Map(next.map((view) => [view.id, view]));
    const same = next.length === this.#list.length && next.every((view, index) => view === this.#list[index]);
    if (!same) this.#list = next;
    return this.#list;
  }
}

export function sameMembers(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  return a.size === b.size && [...a].every((member) => b.has(member));
}

function ownTracks({ microphone, camera }: LocalView, screens: readonly Screen[]): TrackView[] {
  const tracks: TrackView[] = [];
  if (microphone.track) {
    tracks.push(own("microphone", "audio", microphone.sent, !microphone.on));
  }
  if (camera.track) tracks.push(own("camera", "video", camera.sent, !camera.on));
  // Of one's own screen no sound: it would be heard twice.
  for (const { id, video } of screens) tracks.push({ ...own("screen", "video", video, false), name: id });
  return tracks;
}

function own(source: TrackSource, kind: TrackKind, media: MediaStreamTrack | undefined, muted: boolean): TrackView {
  return { key: undefined, name: source, kind, source, muted, media };
}

function keep(last: ParticipantView | undefined, next: ParticipantView): ParticipantView {
  if (!last) return next;
  const tracks = next.tracks.map((track, index) => {
    const known = last.tracks[index];
    return known && equal(known, track) ? known : track;
  });
  const sameTracks = tracks.length === last.tracks.length && tracks.every((track, i) => track === last.tracks[i]);
  const candidate = { ...next, tracks: sameTracks ? last.tracks : tracks };
  return equal(last, candidate) ? last : candidate;
}

function equal<T extends object>(a: T, b: T): boolean {
  return (Object.keys(a) as (keyof T)[]).every((key) => a[key] === b[key]);
}
