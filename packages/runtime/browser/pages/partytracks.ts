/** A page that uses Cloudflare's partytracks as its users do: observables in, tracks out. */
import { PartyTracks } from "partytracks/client";
import { BehaviorSubject, type Observable, type Subscription } from "rxjs";
import { camera, drawing, microphone, type Received, received } from "./media.ts";

type Config = ConstructorParameters<typeof PartyTracks>[0];
type Metadata = ReturnType<PartyTracks["push"]> extends Observable<infer T> ? T : never;

interface Member {
  readonly tracks: PartyTracks;
  readonly sessions: string[];
  connection: RTCPeerConnection | undefined;
}

interface Published {
  readonly source: BehaviorSubject<MediaStreamTrack>;
  readonly metadata: Observable<Metadata>;
  readonly emitted: Metadata[];
  readonly subscription: Subscription;
}

interface Pulled {
  readonly rid: BehaviorSubject<string | undefined>;
  readonly tracks: MediaStreamTrack[];
  readonly subscription: Subscription;
}

const members = new Map<string, Member>();
const published = new Map<string, Published>();
const pulled = new Map<string, Pulled>();

const page = {
  /** `authorization` is for a server that is called without a proxy. */
  join(name: string, config: Config, authorization?: string): void {
    const headers = new Headers(authorization === undefined ? {} : { authorization });
    const tracks = new PartyTracks({ ...config, headers });
    const member: Member = { tracks, sessions: [], connection: undefined };
    tracks.session$.subscribe(({ peerConnection, sessionId }) => {
      member.connection = peerConnection;
      member.sessions.push(sessionId);
    });
    members.set(name, member);
  },

  async push(name: string, key: string, what: "camera" | "microphone" | "layers"): Promise<void> {
    const track = what === "microphone" ? await microphone() : await camera(...size(what));
    const source = new BehaviorSubject(track);
    const layers = [
      { rid: "a", maxBitrate: 1_300_000 },
      { rid: "b", maxBitrate: 500_000, scaleResolutionDownBy: 2 },
    ];
    const options =
      what === "layers" ? { sendEncodings$: new BehaviorSubject<RTCRtpEncodingParameters[]>(layers) } : {};
    const metadata = the(members, name).tracks.push(source, options);
    const emitted: Metadata[] = [];
    published.set(key, { source, metadata, emitted, subscription: metadata.subscribe((data) => emitted.push(data)) });
  },

  /** Another picture from the same publication. */
  replace(key: string, width: number, height: number): void {
    the(published, key).source.next(drawing(width, height));
  },

  /** Pulls what `of` publishes, and again whenever that is published anew. */
  pull(name: string, key: string, of: string, rid?: string): void {
    const preferredRid$ = new BehaviorSubject<string | undefined>(rid);
    const options = rid === undefined ? {} : { simulcast: { preferredRid$ } };
    const observable = the(members, name).tracks.pull(the(published, of).metadata, options);
    const tracks: MediaStreamTrack[] = [];
    const subscription = observable.subscribe((track) => {
      if (tracks.at(-1) === track) return;
      tracks.push(track);
      show(track);
    });
    pulled.set(key, { rid: preferredRid$, tracks, subscription });
  },

  prefer(key: string, rid: string): void {
    the(pulled, key).rid.next(rid);
  },

  /** Gives up pulls or publications, all in one turn as a view that disappears does. */
  stop(...keys: string[]): void {
    for (const key of keys) (pulled.get(key) ?? the(published, key)).subscription.unsubscribe();
  },

  metadata: (key: string): readonly Metadata[] => the(published, key).emitted,
  tracks: (key: string): number => the(pulled, key).tracks.length,
  sessions: (name: string): readonly string[] => the(members, name).sessions,
  /** What the library recorded of its calls. */
  history: (name: string) => the(members, name).tracks.history.entries,

  /** Of one pulled track, or of all that a member receives. */
  async received(name: string, key?: string): Promise<Received> {
    const { connection } = the(members, name);
    if (connection === undefined) throw new Error(`${name} has no connection.`);
    const track = key === undefined ? undefined : the(pulled, key).tracks.at(-1);
    const transceiver = connection.getTransceivers().find(({ receiver }) => receiver.track === track);
    return received(connection, transceiver?.mid ?? undefined);
  },
};

export type PartyTracksPage = typeof page;

Object.assign(window, { page });

function size(what: "camera" | "layers"): [number, number] {
  return what === "layers" ? [640, 480] : [320, 240];
}

function show(track: MediaStreamTrack): void {
  const element = document.createElement(track.kind === "video" ? "video" : "audio");
  element.autoplay = true;
  element.srcObject = new MediaStream([track]);
  document.body.append(element);
}

function the<T>(map: ReadonlyMap<string, T>, key: string): T {
  const value = map.get(key);
  if (value === undefined) throw new Error(`There is no ${key}.`);
  return value;
}
