/**
 * One attempt: one RTCPeerConnection with one SFU session, both pushing and pulling on it.
 *
 * Does as told and reports; when to make another attempt is decided in core.ts. The first offer is made before the
 * session exists and waits for it, so that joining does not. A negotiation that fails between two descriptions leaves
 * both ends with different pictures, which nobody can mend: the attempt is reported broken.
 */
import type {
  ServerNotice,
  SessionDescription,
  TrackKind,
  TrackObject,
  TracksRequest,
  TracksResponse,
} from "@satsuma/protocol";
import { addressed } from "./addressed.ts";
import { offerNames } from "./extensions.ts";
import type { IceServers } from "./ice.ts";
import { readNotice } from "./notice.ts";
import { NegotiationQueue, type Ticket } from "./queue.ts";
import { isRefusal, isSessionGone, type Sfu, SfuError } from "./sfu.ts";
import { failed, itemError, type PullItem, pulledTrack } from "./track.ts";

export interface PeerEvents {
  transport(state: RTCPeerConnectionState): void;
  broken(): void;
  /** The media server says something by itself. */
  told(notice: ServerNotice): void;
  /** The first session, push and pull are reported for the timing of a join. */
  reached(step: "session" | "push" | "pull"): void;
}

export interface PushItem {
  readonly name: string;
  readonly kind: TrackKind;
  readonly track: MediaStreamTrack | null;
  readonly encodings: readonly RTCRtpEncodingParameters[];
}

interface Wish {
  readonly transceiver: RTCRtpTransceiver;
  readonly item: PullItem;
}

type Kind = "push" | "pull" | "close";
type Item = PushedItem | PullItem | { readonly transceiver: RTCRtpTransceiver };

export class Peer {
  readonly connection: RTCPeerConnection;
  /** Undefined until the media server has made it. */
  sessionId: string | undefined;
  readonly #sfu: Sfu;
  readonly #ice: IceServers;
  readonly #events: PeerEvents;
  readonly #queue = new NegotiationQueue<Kind, Item, RTCRtpTransceiver>((kind, batch) => this.#negotiate(kind, batch));
  readonly #session: PromiseWithResolvers<string> = Promise.withResolvers();
  readonly #admission = Promise.withResolvers<void>();
  /** Of pushes that were refused, for the next ones. */
  readonly #spares = new Set<RTCRtpTransceiver>();
  #begun = false;
  #notices: RTCDataChannel | undefined;
  readonly #wishes = new NegotiationQueue<"layer", Wish, void>((_, batch) => this.#update(batch));
  #closed = false;

  constructor(options: { sfu: Sfu; ice: IceServers; events: PeerEvents }) {
    this.#sfu = options.sfu;
    this.#ice = options.ice;
    this.#events = options.events;
    // Nobody may be waiting for the session yet when asking for it fails; `broken` tells of it.
    this.#session.promise.catch(() => {});
    this.connection = new RTCPeerConnection(configuration(options.ice.current));
    this.connection.onconnectionstatechange = () => {
      if (!this.#closed) this.#events.transport(this.connection.connectionState);
    };
  }

  /** The room has welcomed this client: from now on the SFU hears it. */
  open(): void {
    this.#admission.resolve();
  }

  session(): Promise<string> {
    return this.#session.promise;
  }

  push(item: PushItem): Promise<RTCRtpTransceiver> {
    const transceiver = this.#sending(item);
    const simulcast = item.encodings.length > 1;
    if (simulcast) this.#listen();
    return this.#queue.add("push", { name: item.name, transceiver, simulcast });
  }

  pull(item: PullItem): Promise<RTCRtpTransceiver> {
    return this.#queue.add("pull", item);
  }

  /** Other servers, or their newer credentials, for what is gathered from now on. */
  configure(servers: readonly RTCIceServer[]): void {
    if (!this.#closed) this.connection.setConfiguration(configuration(servers));
  }

  /** Whether the media server still has the session; undefined when it did not say. */
  async inspect(): Promise<boolean | undefined> {
    try {
      await this.#sfu.inspect(await this.#session.promise);
      return true;
    } catch (thrown) {
      return thrown instanceof SfuError && isSessionGone(thrown) ? false : undefined;
    }
  }

  /**
   * Another layer of a pulled track, from the next keyframe on. Needs no negotiation, and so waits for none, but for other
   * wishes of this kind: a page of 49 tiles that changes its size has 49 at once.
   */
  prefer(transceiver: RTCRtpTransceiver, item: PullItem): Promise<void> {
    return this.#wishes.add("layer", { transceiver, item });
  }

  async release(transceiver: RTCRtpTransceiver): Promise<void> {
    await this.#queue.add("close", { transceiver });
  }

  /** Ends the attempt without a further event. */
  close(): void {
    this.#closed = true;
    this.#session.reject(new SfuError("closed", 0, "The connection was closed."));
    this.#admission.resolve();
    this.#queue.close();
    this.#wishes.close();
    this.connection.close();
  }

  /** To be told which layers are watched. The channel is agreed on, so nothing is said to open it. */
  #listen(): void {
    if (this.#notices) return;
    this.#notices = this.connection.createDataChannel("server-events", { negotiated: true, id: 0 });
    this.#notices.onmessage = ({ data }) => {
      const notice = readNotice(data);
      if (notice && !this.#closed) this.#events.told(notice);
    };
  }

  async #negotiate(kind: Kind, batch: readonly Ticket<Item, RTCRtpTransceiver>[]): Promise<void> {
    if (this.#closed) return;
    try {
      // Kind and item are added together above, so the casts cannot be wrong.
      if (!this.#begun) await this.#begin(kind, batch);
      else if (kind === "push") await this.#push(batch as Ticket<PushedItem, RTCRtpTransceiver>[]);
      else if (kind === "pull") await this.#pull(batch as Ticket<PullItem, RTCRtpTransceiver>[]);
      else await this.#close(batch as Ticket<ClosedItem, RTCRtpTransceiver>[]);
    } catch (thrown) {
      // What was stopped for a close that is refused cannot be taken back.
      if (!isRefusal(thrown) || kind === "close") this.#break();
      throw thrown;
    }
  }

  /**
   * Opens the connection: session, first push and first pull are one request, and the offer is made before anybody has
   * let us in. It is always ours, with a silent m-line that stays if there is nothing to send: media servers connect that
   * more surely, and what the bundle hangs on never leaves. Nothing is asked for before there is something to send or
   * receive: a session without a connection expires.
   */
  async #begin(kind: Kind, batch: readonly Ticket<Item, RTCRtpTransceiver>[]): Promise<void> {
    this.#begun = true;
    const pushes = kind === "push" ? (batch as readonly Ticket<PushedItem, RTCRtpTransceiver>[]) : [];
    const silent = pushes.length > 0 ? [] : [this.#silent()];
    await this.#offer();
    await Promise.all([addressed(this.connection), this.#admission.promise]);
    if (this.#closed) return;
    const pulls = (kind === "pull" ? batch : this.#queue.take("pull")) as readonly Ticket<
      PullItem,
      RTCRtpTransceiver
    >[];
    const pushed = [...pushes.map(({ item }) => item), ...silent];
    let answers: Awaited<ReturnType<Sfu["begin"]>>;
    try {
      answers = await this.#sfu.begin({
        push: this.#pushing(pushed),
        ...(pulls.length > 0 && { pull: { tracks: pulls.map(({ item }) => pulledTrack(item)) } }),
      });
      const { sessionId } = await answers.session();
      this.sessionId = sessionId;
      this.#events.reached("session");
      this.#session.resolve(sessionId);
    } catch (thrown) {
      this.#session.reject(thrown);
      this.#break();
      throw thrown;
    }
    try {
      await this.#pushed(pushes, pushed, answers.push());
    } catch (thrown) {
      // What was to be pulled is not to blame, if the connection is as good as before.
      if (isRefusal(thrown)) this.#queue.putBack();
      throw thrown;
    }
    if (pulls.length > 0) await this.#pulled(pulls, answers.pull());
  }

  async #push(batch: readonly Ticket<PushedItem, RTCRtpTransceiver>[]): Promise<void> {
    await this.#offer();
    const pushed = batch.map(({ item }) => item);
    await this.#pushed(batch, pushed, this.#sfu.tracks(await this.#session.promise, this.#pushing(pushed)));
  }

  #pushing(items: readonly PushedItem[]): TracksRequest {
    return {
      tracks: items.map(({ transceiver, name, simulcast }) => ({
        location: "local",
        mid: transceiver.mid ?? "",
        trackName: name,
        ...(simulcast && { tellWatched: true }),
      })),
      sessionDescription: this.#local("offer"),
    };
  }

  async #pushed(
    batch: readonly Ticket<PushedItem, RTCRtpTransceiver>[],
    items: readonly PushedItem[],
    answered: Promise<TracksResponse>,
  ): Promise<void> {
    try {
      const answer = await answered;
      await this.#apply(answer.sessionDescription, "answer");
      this.#events.reached("push");
      for (const { item, resolve, reject } of batch) {
        const result = answer.tracks?.find((track) => track.mid === item.transceiver.mid);
        if (failed(result)) reject(itemError(result));
        else resolve(item.transceiver);
      }
    } catch (thrown) {
      if (isRefusal(thrown)) {
        await this.connection.setLocalDescription({ type: "rollback" });
        for (const { transceiver } of items) this.#spare(transceiver);
      }
      throw thrown;
    }
  }

  async #pull(batch: readonly Ticket<PullItem, RTCRtpTransceiver>[]): Promise<void> {
    const session = await this.#session.promise;
    // Its first push was refused.
    if (this.connection.currentLocalDescription === null) {
      const silent = [this.#silent()];
      await this.#offer();
      await this.#pushed([], silent, this.#sfu.tracks(session, this.#pushing(silent)));
    }
    await this.#pulled(batch, this.#sfu.tracks(session, { tracks: batch.map(({ item }) => pulledTrack(item)) }));
  }

  async #pulled(
    batch: readonly Ticket<PullItem, RTCRtpTransceiver>[],
    answered: Promise<TracksResponse>,
  ): Promise<void> {
    const answer = await answered;
    if (answer.sessionDescription) {
      await this.#apply(answer.sessionDescription, "offer");
      await this.connection.setLocalDescription();
    }
    for (const { item, resolve, reject } of batch) {
      const result = answer.tracks?.find((t) => t.trackName === item.name && t.sessionId === item.session);
      const transceiver =
        result?.mid && this.connection.getTransceivers().find((candidate) => candidate.mid === result.mid);
      if (failed(result) || !transceiver) reject(itemError(result));
      else resolve(transceiver);
    }
    if (!answer.sessionDescription) return;
    try {
      await this.#sfu.renegotiate(await this.#session.promise, { sessionDescription: this.#local("answer") });
      this.#events.reached("pull");
    } catch (thrown) {
      // An answer may not be given twice, and the SFU's view of it is unknown now.
      this.#break();
      throw thrown;
    }
  }

  #silent(): PushedItem {
    const transceiver = this.#sending({ kind: "audio", track: null, encodings: [] });
    return { name: crypto.randomUUID(), transceiver, simulcast: false };
  }

  /** Not stopped: Chromium (156) gives the next m-line to what was stopped after a rollback, and its successor gets none. */
  #spare(transceiver: RTCRtpTransceiver): void {
    transceiver.direction = "inactive";
    transceiver.sender.replaceTrack(null).catch(() => {});
    this.#spares.add(transceiver);
  }

  /** What sends a track: left from a push that was refused, if it has the same layers, or else new. */
  #sending({ kind, track, encodings }: Omit<PushItem, "name">): RTCRtpTransceiver {
    const spare = [...this.#spares].find(
      ({ sender, receiver }) =>
        receiver.track.kind === kind && layersOf(sender.getParameters().encodings) === layersOf(encodings),
    );
    if (spare === undefined) {
      const transceiver = this.connection.addTransceiver(track ?? kind, {
        direction: "sendonly",
        sendEncodings: [...encodings],
      });
      offerNames(transceiver);
      return transceiver;
    }
    this.#spares.delete(spare);
    spare.direction = "sendonly";
    spare.sender.replaceTrack(track).catch(() => {});
    return spare;
  }

  async #offer(): Promise<void> {
    await this.#gatherable();
    await this.connection.setLocalDescription();
  }

  /**
   * Gathering begins with the first description and takes the servers known then, so they are waited for, within a bound.
   * What it finds late is not waited for: the media server learns those addresses from the checks themselves.
   */
  async #gatherable(): Promise<void> {
    if (this.connection.currentLocalDescription !== null || this.connection.localDescription !== null) return;
    await this.#ice.ready;
    this.configure(this.#ice.current);
  }

  async #update(batch: readonly Ticket<Wish, void>[]): Promise<void> {
    const session = await this.#session.promise;
    // Of two wishes for one track the later one counts.
    const tracks = new Map<string, TrackObject>();
    for (const { item } of batch) {
      const { mid } = item.transceiver;
      if (mid !== null) tracks.set(mid, { ...pulledTrack(item.item), mid });
    }
    if (tracks.size > 0 && !this.#closed) await this.#sfu.updateTracks(session, { tracks: [...tracks.values()] });
    for (const { resolve } of batch) resolve();
  }

  async #close(batch: readonly Ticket<ClosedItem, RTCRtpTransceiver>[]): Promise<void> {
    const session = await this.#session.promise;
    const leaving = new Set(batch.map(({ item }) => item.transceiver));
    const tracks = batch.flatMap(({ item }) => (item.transceiver.mid === null ? [] : [{ mid: item.transceiver.mid }]));
    const anchor = this.#anchor();
    for (const transceiver of leaving) {
      if (transceiver.mid === anchor) transceiver.direction = "inactive";
      else transceiver.stop();
    }
    await this.connection.setLocalDescription();
    const answer = await this.#sfu.closeTracks(session, {
      tracks,
      force: false,
      sessionDescription: this.#local("offer"),
    });
    await this.#apply(answer.sessionDescription, "answer");
    for (const { item, resolve } of batch) resolve(item.transceiver);
  }

  /**
   * The m-line that the bundle hangs on. It may rest but never stop: Chromium (156) then restarts ICE and DTLS for all the
   * others.
   */
  #anchor(): string | undefined {
    return /^a=group:BUNDLE (\S+)/m.exec(this.connection.currentLocalDescription?.sdp ?? "")?.[1];
  }

  #local(type: "offer" | "answer"): SessionDescription {
    return { type, sdp: this.connection.localDescription?.sdp ?? "" };
  }

  async #apply(description: SessionDescription | undefined, type: "offer" | "answer"): Promise<void> {
    if (description?.type !== type) throw new SfuError("invalid_session_description", 200, `No ${type} was given.`);
    await this.connection.setRemoteDescription(description);
  }

  /** Nothing more is negotiated, whether or not somebody closes it for that: one that is to be replaced anyway goes on as it is. */
  #break(): void {
    this.#queue.close();
    if (!this.#closed) this.#events.broken();
  }
}

type PushedItem = { readonly name: string; readonly transceiver: RTCRtpTransceiver; readonly simulcast: boolean };
type ClosedItem = { readonly transceiver: RTCRtpTransceiver };

function configuration(servers: readonly RTCIceServer[]): RTCConfiguration {
  return { bundlePolicy: "max-bundle", iceServers: [...servers] };
}

/** An encoding without a layer's name is the only one. */
function layersOf(encodings: readonly RTCRtpEncodingParameters[]): string {
  return encodings.flatMap(({ rid }) => rid ?? []).join();
}
