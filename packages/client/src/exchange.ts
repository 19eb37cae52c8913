/**
 * What a page sends into a room and receives from it: the media connection, what is wanted of the others, how well it goes.
 *
 * Knows who publishes what, and nothing of sockets or tokens; the room tells it of members, it tells the room of changes.
 */
import { type Grant, type Participant, type Track, type TrackSource, trackGrants } from "@satsuma/protocol";
import type { LocalMedia } from "./devices/local.ts";
import { type LinkOptions, MediaLink, type Outgoing } from "./media/link.ts";
import { PathWatch } from "./media/path-watch.ts";
import { type MediaInput, type MediaState, type RemoteTrack, trackKey } from "./media/words.ts";
import { Viewing } from "./need/viewing.ts";
import { watchNetwork } from "./network.ts";
import { outgoingOf } from "./outgoing.ts";
import type { Circumstances, Expected, QualityEvent } from "./quality/monitor.ts";
import type { Level } from "./quality/verdict.ts";
import { QualityWatch, type WatchOptions } from "./quality/watch.ts";
import type { Label } from "./report/sample.ts";
import { sameMembers } from "./snapshot.ts";
import { type Listened, SpeakingRoll } from "./speaking/roll.ts";

export interface ExchangeOptions extends LinkOptions {
  readonly local: LocalMedia;
  /** Pictures that no element shows are received too. */
  readonly unseen: boolean;
  readonly quality: WatchOptions | undefined;
  /** What others say of their own connections, by participant. */
  readonly reported: () => Readonly<Record<string, Level>>;
  /** One's own connection is judged anew. */
  readonly judged: (level: Level) => void;
  /** The network came back or is another one. */
  readonly networkChanged: () => void;
}

export class Exchange {
  readonly link: MediaLink;
  readonly quality: QualityWatch;
  readonly viewing: Viewing;
  readonly #options: ExchangeOptions;
  readonly #roll: SpeakingRoll;
  readonly #path: PathWatch;
  readonly #cleanup: (() => void)[] = [];
  /** What the others publish, by key. */
  #offered: ReadonlyMap<string, Track & { readonly participant: string }> = new Map();
  #speaking: ReadonlySet<string> = new Set();
  /** Undefined until the room has told; an offer is made ready all the same. */
  #grants: readonly Grant[] | undefined;
  #connected = false;
  #over = false;

  constructor(options: ExchangeOptions) {
    this.#options = options;
    this.link = new MediaLink({ ...options, changed: () => this.#mediaChanged() });
    this.#roll = new SpeakingRoll({
      listened: () => this.#listened(),
      connection: () => this.link.connection,
      heard: (speaking) => this.#heard(speaking),
    });
    this.#path = new PathWatch({
      connection: () => this.link.connection,
      receivers: () => this.#expected().map(({ receiver }) => receiver),
      silent: () => this.handle({ input: "silence" }),
      heard: () => this.handle({ input: "heard" }),
    });
    this.viewing = new Viewing({ unseen: options.unseen, changed: () => this.#receive() });
    this.quality = new QualityWatch(
      {
        connection: () => this.link.connection,
        circumstances: () => this.#circumstances(),
        event: (event) => this.#qualityChanged(event),
      },
      options.quality,
    );
  }

  get state(): MediaState {
    return this.link.state;
  }

  /** Ids of the others who speak right now. */
  get speaking(): ReadonlySet<string> {
    return this.#speaking;
  }

  mediaOf(track: Track): MediaStreamTrack | undefined {
    return this.link.receiver(trackKey(track))?.track;
  }

  start(): void {
    const { local, networkChanged } = this.#options;
    this.#cleanup.push(
      watchNetwork(() => {
        networkChanged();
        this.handle({ input: "network" });
      }),
      local.screens.subscribe(() => this.send()),
      this.quality.subscribe(() => this.#options.judged(this.quality.snapshot().own.level)),
    );
    this.send();
    this.handle({ input: "start" });
    this.#roll.start();
    this.#path.start();
    this.viewing.start();
    this.quality.start();
  }

  /** Ends it for good. Idempotent. */
  close(): void {
    if (this.#over) return;
    this.#over = true;
    this.handle({ input: "stop" });
    this.#roll.close();
    this.#path.close();
    this.viewing.close();
    this.quality.close();
    for (const undo of this.#cleanup.splice(0)) undo();
  }

  handle(input: MediaInput): void {
    this.link.handle(input);
  }

  /** Whose each track is that is measured, by the key of its sample. */
  labels(): ReadonlyMap<string, Label> {
    const labels = new Map<string, Label>();
    for (const { id, source } of this.#outgoing()) {
      const mid = this.link.midOf(id);
      if (mid !== undefined) labels.set(mid, { source });
    }
    for (const [key, { source, participant }] of this.#offered) {
      const received = this.link.receiver(key)?.track.id;
      if (received !== undefined) labels.set(received, { source, participant });
    }
    return labels;
  }

  /** Who speaks by the word of the room, whether they are received or not: of too many, those are. */
  heard(speaking: Iterable<string>): void {
    this.viewing.speaking(speaking);
  }

  /** Who else is in the room now, with what they publish. */
  follow(others: readonly Participant[]): void {
    this.#offered = new Map(
      others.flatMap(({ id, tracks }) => tracks.map((track) => [trackKey(track), { ...track, participant: id }])),
    );
    this.viewing.offered([...this.#offered].map(([key, track]) => ({ ...track, key })));
    this.#receive();
  }

  /** The devices are others, or on or off, or may be sent or not. */
  send(): void {
    if (this.#over) return;
    this.link.send(this.#outgoing());
    this.#options.changed();
  }

  /**
   * What the room lets one do. A source that one may not send is switched off, and stays so when one may: whoever is let on
   * stage is not to be seen or heard by surprise.
   */
  allow(grants: readonly Grant[]): void {
    if (grants === this.#grants || this.#over) return;
    this.#grants = grants;
    const { local } = this.#options;
    if (!this.#may("microphone")) void local.setMicrophone(false);
    if (!this.#may("camera")) void local.setCamera(false);
    if (!this.#may("screen")) local.screens.stop();
    this.send();
  }

  /** What is sent of a source is over: if it is switched on later, it is sent as something new. */
  forget(source: TrackSource): void {
    this.link.send(this.#outgoing().filter((candidate) => candidate.source !== source));
  }

  /** Media that is back says that the network is, often long before the browser does or the socket tries again. */
  #mediaChanged(): void {
    const connected = this.link.state === "connected";
    if (connected && !this.#connected) this.#options.networkChanged();
    this.#connected = connected;
    this.#options.changed();
  }

  #outgoing(): Outgoing[] {
    const { local } = this.#options;
    const all = outgoingOf(local.snapshot(), local.screens.snapshot(), {
      sends: (id) => this.link.sends(id),
      step: this.quality.step,
    });
    // A media server that refuses it would refuse what goes with it, too.
    return all.filter(({ source }) => this.#may(source));
  }

  #may(source: TrackSource): boolean {
    return this.#grants?.includes(trackGrants[source]) ?? true;
  }

  /** Pulls what is wanted of what is there. */
  #receive(): void {
    const wanted: RemoteTrack[] = this.viewing.wanted.flatMap(({ key, rid }) => {
      const track = this.#offered.get(key);
      return track ? [{ ...track, rid }] : [];
    });
    this.link.receive(wanted);
  }

  /** What is received, and should come: it is wanted, and not muted. */
  #expected() {
    return this.viewing.wanted.flatMap(({ key }) => {
      const track = this.#offered.get(key);
      const receiver = this.link.receiver(key);
      return track && receiver && !track.muted ? [{ ...track, receiver }] : [];
    });
  }

  #circumstances(): Circumstances {
    const expected = this.#expected().map(
      ({ receiver, participant, source }): Expected => ({
        key: receiver.track.id,
        participant,
        camera: source === "camera",
      }),
    );
    const here = new Set([...this.#offered.values()].map(({ participant }) => participant));
    const reported = new Map(Object.entries(this.#options.reported()).filter(([id]) => here.has(id)));
    const { microphone, camera } = this.#options.local.snapshot();
    const device = [microphone, camera].some(({ on, trouble }) => on && trouble !== undefined);
    return { connected: this.link.state === "connected", device, expected, reported };
  }

  #qualityChanged(event: QualityEvent): void {
    if (event.event === "stepped") this.send();
    if (event.event !== "dead") return;
    const key = [...this.#offered.keys()].find((candidate) => this.link.receiver(candidate)?.track.id === event.key);
    if (key !== undefined) this.handle({ input: "dead", key });
  }

  #listened(): Listened[] {
    return [...this.#offered].flatMap(([key, { participant, source, muted }]) => {
      const receiver = source === "microphone" && !muted ? this.link.receiver(key) : undefined;
      return receiver ? [{ participant, receiver }] : [];
    });
  }

  #heard(speaking: ReadonlySet<string>): void {
    this.viewing.speaking(speaking);
    if (sameMembers(speaking, this.#speaking)) return;
    this.#speaking = speaking;
    this.#options.changed();
  }
}
