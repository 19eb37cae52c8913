/**
 * A room that this page is in: the one object an app holds.
 *
 * Only routes: between the session (who is there), the media link (what is sent and received), the local devices, and
 * the snapshot that a page shows. Whatever happens is told by `subscribe`, with `snapshot()` to read it.
 */
import type { Command, Notice, Participant } from "@satsuma/protocol";
import { Alarm } from "./alarm.ts";
import { backoff, type RetryPolicy } from "./backoff.ts";
import { LocalMedia } from "./devices/local.ts";
import type { DeviceKind } from "./devices/preference.ts";
import type { Shared, ShareOptions } from "./devices/screens.ts";
import { Exchange } from "./exchange.ts";
import type { IceSource } from "./media/ice.ts";
import type { ConnectionRecord } from "./media/record.ts";
import { Sfu } from "./media/sfu.ts";
import type { Outages } from "./outages.ts";
import type { QualityView } from "./quality/monitor.ts";
import type { WatchOptions } from "./quality/watch.ts";
import { Reporting } from "./report/reporting.ts";
import type { Answer } from "./session/asks.ts";
import { SessionCore } from "./session/core.ts";
import { Socket } from "./session/socket.ts";
import { RoomToken, type TokenSource, tokenRefusal } from "./session/token.ts";
import type { Happening, SessionEffect, SessionInput } from "./session/words.ts";
import { type Scenario, simulate } from "./simulate.ts";
import { Portraits, type RoomSnapshot, sameMembers } from "./snapshot.ts";
import { type Readable, Store } from "./store.ts";
import { JoinTiming } from "./timing.ts";

export interface RoomOptions {
  readonly room: string;
  /**
   * A room token, or how to get one. A function is asked once for joining, and again when the server no longer takes
   * the token, as after a long call; it should come back with one for the same participant.
   */
  readonly token: TokenSource;
  /** The room server's origin. Default: the page's. */
  readonly url?: string | undefined;
  /** Devices that a lobby already holds. The room sends from them and does not close them. */
  readonly media?: LocalMedia | undefined;
  /**
   * STUN and TURN servers, or how to get them with credentials that expire. Default none: an SFU with a public address
   * needs none.
   */
  readonly iceServers?: IceSource | undefined;
  /** Of a room that has one. */
  readonly passcode?: string | undefined;
  /** How patiently lost connections are brought back. */
  readonly retry?: RetryPolicy | undefined;
  /**
   * Which pictures of others to receive: all of them, or only those in elements given to `show`, each as large as it is
   * shown. Default "all".
   */
  readonly video?: "all" | "shown" | undefined;
  /** How often quality is measured, and what counts as bad. */
  readonly quality?: WatchOptions | undefined;
}

/** Joins a room. Returns at once; the snapshot tells how it goes. */
export function joinRoom(options: RoomOptions): Room {
  return new Room(options);
}

export interface CallMetrics {
  /** Of the room's socket: who is there, chat and commands. */
  readonly room: Outages;
  /** Of sound and pictures. `replacements` are connections that were made beside a working one, for another network. */
  readonly media: Outages & { readonly replacements: number };
}

export class Room implements Readable<RoomSnapshot> {
  /** The room's name. */
  readonly name: string;
  /** This page's own devices. */
  readonly local: LocalMedia;
  readonly #ownsLocal: boolean;
  readonly #base: URL;
  readonly #timing = new JoinTiming();
  readonly #session: SessionCore;
  readonly #sessionAlarm = new Alarm(() => this.#tell({ input: "tick" }));
  readonly #exchange: Exchange;
  readonly #reporting: Reporting;
  readonly #portraits = new Portraits();
  readonly #store: Store<RoomSnapshot>;
  readonly #cleanup: (() => void)[] = [];
  #socket: Socket | undefined;
  readonly #token: RoomToken;
  #speaking: ReadonlySet<string> = new Set();
  /** The participants that the exchange knows of; in a large room somebody speaks all the time, and nobody comes or goes. */
  #followed: readonly Participant[] | undefined;
  #lastAsk = 0;
  readonly #asks = new Map<number, (answer: Answer) => void>();
  readonly #listeners = new Set<(happening: Happening) => void>();

  constructor(options: RoomOptions) {
    this.#token = new RoomToken(options.token);
    this.name = options.room;
    this.local = options.media ?? new LocalMedia();
    this.#ownsLocal = options.media === undefined;
    this.#base = new URL(`/rooms/${encodeURIComponent(options.room)}`, options.url ?? location.href);
    const policy = options.retry ?? backoff();
    this.#session = new SessionCore({ policy, client: crypto.randomUUID(), passcode: options.passcode });
    this.#exchange = new Exchange({
      local: this.local,
      unseen: options.video !== "shown",
      quality: options.quality,
      sfu: new Sfu({ base: this.#base.href, token: this.#token }),
      iceServers: options.iceServers ?? [],
      // Sound and picture are missed at once, and a try is one small request that is refused as long as nothing is there.
      policy: options.retry ?? backoff({ cap: 2_000 }),
      timing: this.#timing,
      announce: (tracks) => this.#tell({ input: "announce", tracks }),
      reported: () => this.#session.view().presence.quality,
      judged: (level) => this.#tell({ input: "signal", signal: { quality: level } }),
      networkChanged: () => this.#tell({ input: "online" }),
      changed: () => this.#refresh(),
    });
    this.#reporting = new Reporting({
      quality: () => this.quality.snapshot(),
      media: () => this.#exchange.link.states(),
      labels: () => this.#exchange.labels(),
      heard: () => this.#session.view().connection.state === "connected",
      report: (report) => this.#tell({ input: "report", report }),
    });
    this.#store = new Store(this.#compose());
    this.#start();
  }

  readonly snapshot = (): RoomSnapshot => this.#store.snapshot();
  readonly subscribe = (listener: () => void): (() => void) => this.#store.subscribe(listener);

  /** The media connection as plain data: states, candidates, descriptions, tracks, and how it came to this. */
  connectionRecord(): ConnectionRecord {
    return this.#exchange.link.record();
  }

  /** What was lost in this call and came back: how often, for what, and how long it took. */
  metrics(): CallMetrics {
    return { room: this.#session.outages(performance.now()), media: this.#exchange.link.metrics() };
  }

  /** The media connection as the browser has it, for `getStats`. Another one after media was rebuilt; do not change it. */
  get peerConnection(): RTCPeerConnection | undefined {
    return this.#exchange.link.connection;
  }

  /** How well the call goes, for oneself and for each of the others. Apart from the snapshot, since it never rests. */
  get quality(): Readable<QualityView> {
    return this.#exchange.quality;
  }

  /**
   * Says that an element shows a track of another, named by its `key`, until the returned function is called. It is then
   * received at the size of the element, and, with `video: "shown"`, not at all while it is out of sight.
   */
  show(element: Element, track: string): () => void {
    return this.#exchange.viewing.view(element, track);
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

  /** Shares a screen, window or tab that the person chooses. Several can be shared at once. */
  shareScreen(options?: ShareOptions): Promise<Shared> {
    return this.local.screens.share(options);
  }

  /** Ends one share, by its id, or all. */
  stopScreen(id?: string): void {
    this.local.screens.stop(id);
  }

  rename(name: string): void {
    this.#tell({ input: "rename", name });
  }

  /**
   * Gives the room a command and resolves with what became of it: a refusal is an answer, not an exception. It is done once,
   * also when the socket is lost meanwhile.
   */
  do(command: Command): Promise<Answer> {
    this.#lastAsk += 1;
    const ask = this.#lastAsk;
    return new Promise((resolve) => {
      this.#asks.set(ask, resolve);
      this.#tell({ input: "ask", ask, command });
    });
  }

  /**
   * Hears of what happens in the room and is no state: chat events, emojis, what other pages relay, a moderator's words.
   * Until the returned function is called.
   */
  onHappening(listener: (happening: Happening) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Does a fault to this room, to see how an app bears it. */
  simulate(scenario: Scenario): void {
    simulate(scenario, {
      breakSocket: () => this.#socket?.break(),
      failTransport: () => this.#exchange.link.fail("transport"),
      forgetSession: () => this.#exchange.link.fail("session"),
      changeNetwork: () => this.#exchange.handle({ input: "network" }),
      boundPictures: (bitrate) => this.#exchange.link.bound(bitrate),
    });
  }

  /** Leaves for good; others see it at once. Safe to repeat. */
  leave(): void {
    this.#tell({ input: "leave" });
  }

  #start(): void {
    this.#cleanup.push(
      this.local.subscribe(() => this.#localChanged()),
      this.quality.subscribe(() => this.#reporting.measured()),
    );
    // The request for a token goes out first; making a connection and an offer takes its time meanwhile.
    this.#tell({ input: "join" });
    this.#exchange.start();
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
        // Before the first offer goes out: what it holds may be what one may not send.
        this.#follow();
        this.#exchange.handle({ input: "member" });
        return;
      case "new-stay":
        this.#exchange.handle({ input: "new-stay" });
        return;
      case "away":
        this.#exchange.handle({ input: "away" });
        return;
      case "taken":
        this.#exchange.handle({ input: "taken", names: effect.names });
        return;
      case "happened":
        this.#happened(effect.message);
        return;
      case "answered":
        this.#asks.get(effect.ask)?.(effect.answer);
        this.#asks.delete(effect.ask);
        return;
      case "changed":
        this.#roomChanged();
        return;
    }
  }

  #happened(happening: Happening): void {
    if (happening.type === "notice") this.#noticed(happening);
    for (const listener of [...this.#listeners]) listener(happening);
  }

  /** A moderator's word holds for the devices too, or they would at once be announced again as they were. */
  #noticed(notice: Notice): void {
    if (notice.notice === "silenced") void this.local.setMicrophone(false);
    if (notice.notice !== "stopped") return;
    // The media server has ended these tracks; what is switched on later is sent as new ones.
    this.#exchange.forget(notice.source);
    if (notice.source === "camera") void this.local.setCamera(false);
    if (notice.source === "microphone") void this.local.setMicrophone(false);
    if (notice.source === "screen") this.local.screens.stop();
    if (notice.source === "screen-audio") this.local.screens.silence();
  }

  async #askToken(again: boolean): Promise<void> {
    try {
      const token = await this.#token.ask(again);
      this.#timing.reach("token");
      this.#tell({ input: "token", token });
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
    const { connection } = this.#session.view();
    if (connection.state === "ended") this.#end();
    else this.#follow();
    this.#refresh();
  }

  #follow(): void {
    const { room, presence, me, you } = this.#session.view();
    if (you) this.#exchange.allow(you.grants);
    this.#exchange.heard(presence.speaking);
    if (room.participants === this.#followed) return;
    this.#followed = room.participants;
    this.#exchange.follow(room.participants.filter((participant) => participant.id !== me));
  }

  #localChanged(): void {
    const { microphone, camera, speaking } = this.local.snapshot();
    const before = this.snapshot().local;
    const matters = microphone !== before.microphone || camera !== before.camera;
    if (speaking !== before.speaking) this.#tell({ input: "signal", signal: { speaking } });
    if (matters) this.#exchange.send();
    else this.#refresh();
  }

  #end(): void {
    this.#exchange.close();
    this.#reporting.close();
    for (const undo of this.#cleanup.splice(0)) undo();
    if (this.#ownsLocal) this.local.close();
  }

  #refresh(): void {
    this.#reporting.changed();
    this.#store.set(this.#compose());
  }

  #compose(): RoomSnapshot {
    const { connection, room, presence, me, you, lobby } = this.#session.view();
    const local = this.local.snapshot();
    const speaking = new Set(this.#exchange.speaking);
    if (me !== undefined && local.speaking) speaking.add(me);
    if (!sameMembers(speaking, this.#speaking)) this.#speaking = speaking;
    return {
      connection,
      media: this.#exchange.state,
      me,
      participants: this.#portraits.view(room.participants, {
        me,
        local,
        screens: this.local.screens.snapshot(),
        mediaOf: (track) => this.#exchange.mediaOf(track),
      }),
      speaking: this.#speaking,
      local,
      you,
      lobby,
      room,
      presence,
    };
  }
}
