/**
 * RTCPeerConnection as a model that holds its user to JSEP (RFC 9429) and W3C webrtc-pc. Its rules:
 *
 * - descriptions are applied one after another, each takes its time, and after `close()` none of them ever settles (§4.4.1.5);
 * - `setLocalDescription()` offers in "stable" and "have-local-offer" and answers in "have-remote-offer" (§4.4.2);
 * - an answer is taken in "have-local-offer" only, and a rollback in "have-local-offer" only; a remote offer while a local
 *   one stands would be glare, which this client's protocol excludes;
 * - an answer has the m-lines of its offer, one for one, by kind and mid;
 * - an m-line once in use keeps its mid; a rejected one may be taken over by a new transceiver of its kind;
 * - a rollback takes mids back, and stopped transceivers with it;
 * - what is stopping leaves with the next offer; an answer keeps its m-line, without media (webrtc-pc §5.4, `stop`);
 * - the number of an m-line outlives a rollback, and what was stopped after it takes the next m-line that has that number, so
 *   that whose it is gets none: Chromium (156) has it so;
 * - the m-line that the bundle hangs on may not stop while others are in use: Chromium (156) would restart ICE;
 * - whatever is asked of a closed connection throws.
 *
 * A breach is told to the world besides being thrown, since its user may swallow the exception.
 */
import { common, type Direction, type Line, mirrored, read, write } from "./descriptions.ts";
import type { ModelTrack } from "./devices.ts";
import { here, type Page } from "./page.ts";
import { ModelTransceiver } from "./transceiver.ts";

/** What the connection has of its m-lines: which transceiver each belongs to; undefined for data channels. */
interface Slot {
  readonly line: Line;
  readonly transceiver: ModelTransceiver | undefined;
}

export interface ModelChannel {
  readonly label: string;
  onmessage: ((event: { readonly data: string }) => void) | null;
}

const applicationLine = { kind: "application", rejected: false, direction: "sendrecv", rids: [], ssrcs: [] } as const;

let connections = 0;

export class ModelPeerConnection extends EventTarget {
  readonly page: Page = here();
  readonly ufrag: string;
  connectionState: RTCPeerConnectionState = "new";
  iceConnectionState = "new";
  iceGatheringState = "new";
  signalingState: "stable" | "have-local-offer" | "have-remote-offer" | "closed" = "stable";
  currentLocalDescription: { readonly type: string; readonly sdp: string } | null = null;
  onconnectionstatechange: (() => void) | null = null;
  ontrack: (() => void) | null = null;
  /** By SSRC, of what comes in. */
  readonly incoming = new Map<number, ModelTransceiver>();
  /** Data channels that were agreed on, by stream. */
  readonly channels = new Map<number, ModelChannel>();
  readonly #transceivers: ModelTransceiver[] = [];
  #pendingLocal: { readonly type: string; readonly sdp: string } | null = null;
  #remote: { readonly type: string; readonly sdp: string } | null = null;
  /** As both ends have agreed; while an offer stands, as it would be. */
  #slots: readonly Slot[] = [];
  #offered: readonly Slot[] | undefined;
  #mids = 0;
  #waiting = 0;
  #chain: Promise<unknown> = Promise.resolve();

  constructor() {
    super();
    connections += 1;
    this.ufrag = `pc${String(connections).padStart(6, "0")}`;
    this.page.connections.push(this);
  }

  get isClosed(): boolean {
    return this.signalingState === "closed";
  }

  get localDescription(): { readonly type: string; readonly sdp: string } | null {
    return this.#pendingLocal ?? this.currentLocalDescription;
  }

  get remoteDescription(): { readonly type: string; readonly sdp: string } | null {
    return this.#remote;
  }

  getTransceivers = (): readonly ModelTransceiver[] => this.#transceivers.filter(({ stopped }) => !stopped);

  addTransceiver(source: ModelTrack | "audio" | "video", init: RTCRtpTransceiverInit = {}): ModelTransceiver {
    if (this.isClosed) throw this.#breach("a transceiver was added to a closed connection");
    const kind = typeof source === "string" ? source : source.kind;
    const track = typeof source === "string" ? null : source;
    const { direction = "sendrecv", sendEncodings = [] } = init;
    const transceiver = new ModelTransceiver(this, kind, direction as Direction, track, sendEncodings);
    this.#transceivers.push(transceiver);
    return transceiver;
  }

  createDataChannel(label: string, { negotiated, id }: RTCDataChannelInit = {}): ModelChannel {
    if (this.isClosed) throw this.#breach("a data channel was made on a closed connection");
    if (!negotiated || id === undefined || this.channels.has(id))
      throw this.#breach("a stream that is not agreed on, or in use");
    const channel: ModelChannel = { label, onmessage: null };
    this.channels.set(id, channel);
    return channel;
  }

  setConfiguration(): void {
    if (this.isClosed) throw this.#breach("a closed connection was configured");
  }

  setLocalDescription(description?: { readonly type: "rollback" }): Promise<void> {
    return this.#inTurn(() => {
      if (description?.type === "rollback") return this.#rollBack();
      if (this.signalingState === "have-remote-offer") return this.#answer();
      return this.#offer();
    });
  }

  setRemoteDescription(description: { readonly type: "offer" | "answer"; readonly sdp: string }): Promise<void> {
    return this.#inTurn(() => {
      const { ufrag, lines } = read(description.sdp);
      if (description.type === "offer") this.#takeOffer(lines);
      else this.#takeAnswer(lines);
      this.#remote = description;
      if (description.type === "answer") this.page.world.connect(this, ufrag);
    });
  }

  async getStats(): Promise<Map<string, Readonly<Record<string, unknown>>>> {
    await this.page.wait(1);
    const entries = this.getTransceivers().flatMap((transceiver) => {
      const { kind, mid, sender, receiver } = transceiver;
      const { bytesReceived, track } = receiver;
      return [
        { id: `in-${mid}`, type: "inbound-rtp", kind, mid, bytesReceived, trackIdentifier: track.id },
        { id: `out-${mid}`, type: "outbound-rtp", kind, mid, bytesSent: sender.bytesSent },
      ];
    });
    return new Map(entries.map((entry) => [entry.id, entry]));
  }

  close(): void {
    if (this.isClosed) return;
    this.signalingState = "closed";
    this.connectionState = "closed";
    this.iceConnectionState = "closed";
    this.page.world.tell(() => `${this.page.name}'s ${this.ufrag} is closed`);
    this.left();
  }

  /** Set by the world: tells the other end that this one is gone. */
  left: () => void = () => {};

  /** The path to the other end is up, silent or dead. */
  enter(state: RTCPeerConnectionState): void {
    if (this.isClosed || this.connectionState === state) return;
    this.connectionState = state;
    this.iceConnectionState = state;
    this.page.world.tell(() => `${this.page.name}'s ${this.ufrag} is ${state}`);
    this.onconnectionstatechange?.();
  }

  /** One at a time; this client may not even need the chain for that. */
  #inTurn(step: () => void): Promise<void> {
    const { fate, complain } = this.page.world;
    if (this.isClosed) return Promise.reject(new DOMException("It is closed.", "InvalidStateError"));
    if (this.#waiting > 0) complain("two descriptions were under way at once");
    this.#waiting += 1;
    return this.chain(async () => {
      const fails = fate.fails(0.3);
      await this.page.wait(fate.delay(0, 12));
      this.#waiting -= 1;
      if (this.isClosed) return new Promise<void>(() => {});
      if (fails) throw new DOMException("The browser could not.", "OperationError");
      return step();
    });
  }

  /** After everything that was asked before: the operations chain of the specification. */
  chain<T>(step: () => Promise<T>): Promise<T> {
    const turn = this.#chain.then(step);
    this.#chain = turn.catch(() => {});
    return turn;
  }

  #offer(): void {
    const slots = [...(this.#offered ?? this.#slots)];
    const anchor = slots.findIndex(({ line }) => !line.rejected);
    for (const [index, { line, transceiver }] of slots.entries()) {
      if (transceiver === undefined) continue;
      const rejected = transceiver.stopping || line.rejected;
      if (index === anchor && rejected && slots.some((slot, at) => at !== anchor && !isOver(slot)))
        throw this.#breach("the m-line that the bundle hangs on was stopped");
      slots[index] = { line: { ...line, rejected, direction: transceiver.direction }, transceiver };
    }
    for (const transceiver of this.#transceivers) {
      if (transceiver.mid !== null || transceiver.stopping) continue;
      const { kind, direction, sender } = transceiver;
      const line = { kind, mid: this.#newMid(), rejected: false, direction, rids: sender.rids, ssrcs: [] };
      const free = slots.findIndex((slot) => this.#isFree(slot) && slot.line.kind === kind);
      const index = free < 0 ? slots.length : free;
      transceiver.index = index;
      const taker = this.#transceivers.find((other) => other.mid === null && other.index === index) ?? transceiver;
      taker.mid = line.mid;
      slots[index] = { line, transceiver: taker };
    }
    if (this.channels.size > 0 && !slots.some(({ line }) => line.kind === "application"))
      slots.push({ line: { ...applicationLine, mid: this.#newMid() }, transceiver: undefined });
    this.#offered = slots;
    this.signalingState = "have-local-offer";
    this.#pendingLocal = { type: "offer", sdp: this.#write("offer", slots) };
  }

  /** Rejected in what both ends agreed on, not only in an offer that stands. */
  #isFree({ line }: Slot): boolean {
    return line.rejected && this.#slots.some((slot) => slot.line.mid === line.mid && slot.line.rejected);
  }

  #takeAnswer(lines: readonly Line[]): void {
    if (this.signalingState !== "have-local-offer" || this.#offered === undefined)
      throw this.#breach(`an answer was taken in "${this.signalingState}"`);
    const offered = this.#offered;
    if (
      lines.length !== offered.length ||
      lines.some(({ mid, kind }, at) => mid !== offered[at]?.line.mid || kind !== offered[at]?.line.kind)
    )
      throw this.#breach("an answer has other m-lines than its offer");
    this.currentLocalDescription = this.#pendingLocal;
    this.#settle(offered, lines);
  }

  #takeOffer(lines: readonly Line[]): void {
    if (this.signalingState !== "stable") throw this.#breach(`an offer was taken in "${this.signalingState}"`);
    const slots = lines.map((line, index): Slot => {
      const known = this.#slots[index];
      if (known !== undefined && known.line.mid === line.mid) return { line, transceiver: known.transceiver };
      if (known !== undefined && !known.line.rejected) throw this.#breach("an offer took an m-line that is in use");
      if (line.kind === "application") return { line, transceiver: undefined };
      const transceiver = new ModelTransceiver(this, line.kind, "recvonly");
      transceiver.mid = line.mid;
      this.#transceivers.push(transceiver);
      return { line, transceiver };
    });
    if (slots.length < this.#slots.length) throw this.#breach("an offer has fewer m-lines than before");
    this.#offered = slots;
    this.signalingState = "have-remote-offer";
  }

  #answer(): void {
    const theirs = (this.#offered ?? []).map(({ line }) => line);
    const slots = (this.#offered ?? []).map(({ line, transceiver }): Slot => {
      const direction = common(mirrored(line.direction), transceiver?.direction ?? "sendrecv");
      return { line: { ...line, direction, rids: transceiver?.sender.rids ?? [] }, transceiver };
    });
    this.#settle(slots, theirs);
    this.currentLocalDescription = { type: "answer", sdp: this.#write("answer", slots) };
  }

  /** Both ends agree: `ours` as we described it, `theirs` line by line beside it. */
  #settle(ours: readonly Slot[], theirs: readonly Line[]): void {
    this.incoming.clear();
    this.#slots = ours.map(({ line, transceiver }, at): Slot => {
      const other = theirs[at] ?? line;
      const rejected = line.rejected || other.rejected;
      if (transceiver && rejected) transceiver.end();
      else if (transceiver) {
        transceiver.currentDirection = common(line.direction, mirrored(other.direction));
        for (const ssrc of other.ssrcs) this.incoming.set(ssrc, transceiver);
      }
      return { line: { ...line, rejected }, transceiver };
    });
    this.#offered = undefined;
    this.#pendingLocal = null;
    this.signalingState = "stable";
  }

  #rollBack(): void {
    if (this.signalingState !== "have-local-offer")
      throw this.#breach(`a rollback was made in "${this.signalingState}"`);
    for (const { line, transceiver } of this.#offered ?? []) {
      const kept = this.#slots.some((slot) => slot.line.mid === line.mid);
      if (transceiver && !kept) transceiver.mid = null;
    }
    this.#offered = undefined;
    this.#pendingLocal = null;
    this.signalingState = "stable";
  }

  #write(type: "offer" | "answer", slots: readonly Slot[]): string {
    const lines = slots.map(({ line }) => line);
    this.#gather();
    return write(type, lines, this.ufrag, this.connectionState === "connected");
  }

  #gather(): void {
    if (this.iceGatheringState !== "new") return;
    this.iceGatheringState = "gathering";
    this.page.later(this.page.world.fate.delay(1, 100), () => {
      if (this.isClosed) return;
      this.iceGatheringState = "complete";
      this.dispatchEvent(new Event("icegatheringstatechange"));
    });
  }

  #newMid(): string {
    this.#mids += 1;
    return `m${this.#mids}`;
  }

  #breach(what: string): DOMException {
    this.page.world.complain(what);
    return new DOMException(what, "InvalidStateError");
  }
}

function isOver({ line, transceiver }: Slot): boolean {
  return line.rejected || transceiver?.stopping === true;
}
