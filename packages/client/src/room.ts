/**
 * A room that this page is in: the one object an app holds.
 *
 * Only routes: between the session (who is there), the media link (what is sent and received), the local devices, and
 * the snapshot that a page shows. Whatever happens is told by `subscribe`, with `snapshot()` to read it.
 */
import { type Notice, type Refusal, RefusedError, refusal, type TrackSource } from "@satsuma/protocol";
import { Alarm } from "./alarm.ts";
import { backoff, type RetryPolicy } from "./backoff.ts";
import { type DeviceKind, LocalMedia } from "./devices/local.ts";
import { MediaLink, type Outgoing } from "./media/link.ts";
import { Sfu } from "./media/sfu.ts";
import { type RemoteTrack, trackKey } from "./media/words.ts";
import { SessionCore } from "./session/core.ts";
import { Socket } from "./session/socket.ts";
import type { SessionEffect, SessionInput } from "./session/words.ts";
import { Portraits, type RoomSnapshot, sameMembers } from "./snapshot.ts";
import { type Listened, SpeakingRoll } from "./speaking/roll.ts";
import { type Readable, Store } from "./store.ts";
import { JoinTiming } from "./timing.ts";

export interface RoomOptions {
  readonly room: string;
  /**
   * A room token, or how to get one. A function is asked once for joining, and again when the server no longer takes
   * the token, as after a long call; it should come back with one for the same participant.
   */
  readonly token: string | (() => Promise<string>);
  /** The room server's origin. Default: the page's. */
  readonly url?: string | undefined;
  /** Devices that a lobby already holds. The room sends from them and does not close them. */
  readonly media?: LocalMedia | undefined;
  /** STUN and TURN servers. Default none: an SFU with a public address needs none. */
  readonly iceServers?: readonly RTCIceServer[] | undefined;
  /** Of a room that has one. */
  readonly passcode?: string | undefined;
  /** How patiently lost connections are brought back. */
  readonly retry?: RetryPolicy | undefined;
}

/** Joins a room. Returns at once; the snapshot tells how it goes. */
export function joinRoom(options: RoomOptions): Room {
  return new Room(options);
}

export class Room implements Readable<RoomSnapshot> {
  /** The room's name. */
  readonly name: string;
  /** This page's own devices. */
  readonly local: LocalMedia;
  readonly #ownsLocal: boolean;
  readonly #options: RoomOptions;
  readonly #base: URL;
  readonly #timing = new JoinTiming();
  readonly #session: SessionCore;
  readonly #sessionAlarm = new Alarm(() => this.#tell({ input: "tick" }));
  readonly #link: MediaLink;
  readonly #roll: SpeakingRoll;
  readonly #portraits = new Portraits();
  readonly #store: Store<RoomSnapshot>;
  readonly #cleanup: (() => void)[] = [];
  #socket: Socket | undefined;
  #token = "";
  #othersSpeaking: ReadonlySet<string> = new Set();
  #speaking: ReadonlySet<string> = new Set();

  constructor(options: RoomOptions) {
    this.#options = options;
    this.name = options.room;
    this.local = options.media ?? new LocalMedia();
    this.#ownsLocal = options.media === undefined;
    this.#base = new URL(`/rooms/${encodeURIComponent(options.room)}`, options.url ?? location.href);
    const policy = options.retry ?? backoff();
    this.#session = new SessionCore({ policy, client: crypto.randomUUID(), passcode: options.passcode });
    this.#link = new MediaLink({
      sfu: new Sfu({ base: this.#base.href, token: () => this.#token }),
      iceServers: options.iceServers ?? [],
      policy,
      timing: this.#timing,
      announce: (tracks) => this.#tell({ input: "announce", tracks }),
      changed: () => this.#refresh(),
    });
    this.#roll = new SpeakingRoll({
      listened: () => this.#listened(),
      connection: () => this.#link.connection,
      heard: (speaking) => this.#heard(speaking),
    });
    this.#store = new Store(this.#compose());
    this.#start();
  }

  readonly snapshot = (): RoomSnapshot => this.#store.snapshot();
  readonly subscribe = (listener: () => void): (() => void) => this.#store.subscribe(listener);

  /** The media connection as the browser has it, for `getStats`. Another one after media was rebuilt; do not change it. */
  get peerConnection(): RTCPeerConnection | undefined {
    return this.#link.connection;
  }

  /** Unmutes or mutes; the first time on asks for the device. What went wrong is in the snapshot's `local.microphone`. */
  setMicrophone(on: boolean): Promise<void> {
    return this.local.setMicrophone(on);
  }

  /** Takes the camera, or gives it back so that its light goes out. */
  setCamera(on: boolean): Promise<void> {
    return this.local.setCamera(on);
  }

  setDevice(kind: DeviceKind, id: string): Promise<void> {
    return this.local.setDevice(kind, id);
  }

  rename(name: string): void {
    this.#tell({ input: "rename", name });
  }

  /** Leaves for good; others see it at once. Safe to repeat. */
  leave(): void {
    this.#tell({ input: "leave" });
  }

  #start(): void {
    const online = () => this.#tell({ input: "online" });
    window.addEventListener("online", online);
    this.#cleanup.push(() => window.removeEventListener("online", online));
    this.#cleanup.push(this.local.subscribe(() => this.#localChanged()));
    // The request for a token goes out first; making a connection and an offer takes its time meanwhile.
    this.#tell({ input: "join" });
    this.#link.send(this.#outgoing());
    this.#link.handle({ input: "start" });
    this.#roll.start();
  }

  #tell(input: SessionInput): void {
    const now = performance.now();
    const effects = this.#session.handle(input, now);
    this.#sessionAlarm.set(this.#session.nextDeadline(), now);
    for (const effect of effects) this.#perform(effect);
  }

  #perform(effect: SessionEffect): void {
    switch (effect.effect) {
      case "ask-token":
        void this.#askToken(effect.again);
        return;
      case "open":
        this.#open(effect.socket);
        return;
      case "send":
        this.#socket?.send(effect.message);
        return;
      case "close":
        this.#socket?.close();
        this.#socket = undefined;
        return;
      case "welcomed":
        this.#timing.reach("socket");
        this.#link.handle({ input: "member" });
        return;
      case "new-stay":
        this.#link.handle({ input: "new-stay" });
        return;
      case "notice":
        this.#noticed(effect.notice);
        return;
      case "changed":
        this.#roomChanged();
        return;
    }
  }

  /** A moderator's word holds for the devices too, or they would at once be announced again as they were. */
  #noticed(notice: Notice): void {
    if (notice.notice === "silenced") void this.local.setMicrophone(false);
    if (notice.notice !== "stopped") return;
    // The media server has ended these tracks; what is switched on later is sent as new ones.
    this.#link.send(this.#outgoing().filter(({ source }) => source !== notice.source));
    if (notice.source === "camera") void this.local.setCamera(false);
    if (notice.source === "microphone") void this.local.setMicrophone(false);
  }

  async #askToken(again: boolean): Promise<void> {
    const { token } = this.#options;
    try {
      if (again && typeof token === "string") throw new RefusedError("bad-token", "The token is no longer valid.");
      this.#token = typeof token === "string" ? token : await token();
      this.#timing.reach("token");
      this.#tell({ input: "token", token: this.#token });
    } catch (thrown) {
      this.#tell({ input: "token-failed", refusal: tokenRefusal(thrown) });
    }
  }

  #open(socket: number): void {
    const url = new URL(this.#base);
    url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
    this.#socket = new Socket(url.href, {
      opened: () => this.#tell({ input: "opened", socket }),
      message: (message) => this.#tell({ input: "message", socket, message }),
      closed: (reason) => this.#tell({ input: "closed", socket, reason }),
    });
  }

  #roomChanged(): void {
    const { connection, room, me } = this.#session.view();
    if (connection.state === "ended") this.#end();
    else {
      const others = room.participants.filter((participant) => participant.id !== me);
      const wanted: RemoteTrack[] = others.flatMap((participant) => participant.tracks);
      this.#link.receive(wanted);
    }
    this.#refresh();
  }

  #localChanged(): void {
    const { microphone, camera } = this.local.snapshot();
    const before = this.snapshot().local;
    const matters = microphone !== before.microphone || camera !== before.camera;
    if (matters && this.snapshot().connection.state !== "ended") this.#link.send(this.#outgoing());
    this.#refresh();
  }

  /** A device once captured stays published, muted while it is off. */
  #outgoing(): Outgoing[] {
    const { microphone, camera } = this.local.snapshot();
    const outgoing: Outgoing[] = [];
    const add = (source: TrackSource, kind: "audio" | "video", track: MediaStreamTrack | undefined, on: boolean) => {
      if (track || this.#link.sends(source)) outgoing.push({ source, kind, track, muted: !on });
    };
    add("microphone", "audio", microphone.track, microphone.on);
    add("camera", "video", camera.track, camera.on);
    return outgoing;
  }

  #listened(): Listened[] {
    const { room, me } = this.#session.view();
    return room.participants.flatMap((participant) => {
      const track = participant.tracks.findLast((candidate) => candidate.source === "microphone");
      const receiver = track && !track.muted ? this.#link.receiver(trackKey(track)) : undefined;
      return receiver && participant.id !== me ? [{ participant: participant.id, receiver }] : [];
    });
  }

  #heard(speaking: ReadonlySet<string>): void {
    if (sameMembers(speaking, this.#othersSpeaking)) return;
    this.#othersSpeaking = speaking;
    this.#refresh();
  }

  #end(): void {
    this.#link.handle({ input: "stop" });
    this.#roll.close();
    for (const undo of this.#cleanup.splice(0)) undo();
    if (this.#ownsLocal) this.local.close();
  }

  #refresh(): void {
    this.#store.set(this.#compose());
  }

  #compose(): RoomSnapshot {
    const { connection, room, me } = this.#session.view();
    const local = this.local.snapshot();
    const speaking = new Set(this.#othersSpeaking);
    if (me !== undefined && local.speaking) speaking.add(me);
    if (!sameMembers(speaking, this.#speaking)) this.#speaking = speaking;
    return {
      connection,
      media: this.#link.state,
      me,
      participants: this.#portraits.view(room.participants, {
        me,
        local,
        mediaOf: (track) => this.#link.receiver(trackKey(track))?.track,
      }),
      speaking: this.#speaking,
      local,
    };
  }
}

function tokenRefusal(thrown: unknown): Refusal {
  if (thrown instanceof RefusedError) return refusal(thrown.code, thrown.message);
  return refusal("internal", "The token could not be had.");
}
