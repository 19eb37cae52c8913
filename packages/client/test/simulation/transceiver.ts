/**
 * A transceiver of the model, with its sender and receiver, held to the rules of W3C webrtc-pc §5:
 *
 * - parameters are set with the object that was read in the same task (§5.2, `setParameters`), once;
 * - layers are neither added, removed nor renamed after the start;
 * - what is stopped or closed takes no track, no parameters and no direction.
 */
import { type Direction, isReceiving, isSending } from "./descriptions.ts";
import { ModelTrack } from "./devices.ts";
import type { ModelPeerConnection } from "./peer-connection.ts";

let counted = 0;

export class ModelSender {
  track: ModelTrack | null;
  readonly ssrc: number;
  bytesSent = 0;
  sequence = 0;
  readonly #transceiver: ModelTransceiver;
  #encodings: readonly RTCRtpEncodingParameters[];
  /** What was read in this task. */
  #read: string | undefined;

  constructor(transceiver: ModelTransceiver, track: ModelTrack | null, encodings: readonly RTCRtpEncodingParameters[]) {
    counted += 1;
    this.ssrc = 0x1000_0000 + counted * 16;
    this.#transceiver = transceiver;
    this.track = track;
    this.#encodings = encodings.length > 0 ? encodings.map((each) => ({ active: true, ...each })) : [{ active: true }];
  }

  get rids(): readonly string[] {
    return this.#encodings.flatMap(({ rid }) => rid ?? []);
  }

  get encodings(): readonly RTCRtpEncodingParameters[] {
    return this.#encodings;
  }

  async replaceTrack(track: ModelTrack | null): Promise<void> {
    const { connection } = this.#transceiver;
    if (track && track.kind !== this.#transceiver.kind) {
      connection.page.world.complain(`a ${track.kind} track was put on a ${this.#transceiver.kind} sender`);
      throw new TypeError("The kinds differ.");
    }
    if (this.#transceiver.isOver) throw new DOMException("It is over.", "InvalidStateError");
    await connection.chain(async () => {
      await connection.page.wait(connection.page.world.fate.delay(0, 3));
      if (this.#transceiver.isOver) throw new DOMException("It is over.", "InvalidStateError");
      this.track = track;
    });
  }

  getParameters(): RTCRtpSendParameters {
    counted += 1;
    const transactionId = `read-${counted}`;
    this.#read = transactionId;
    this.#transceiver.connection.page.later(0, () => {
      if (this.#read === transactionId) this.#read = undefined;
    });
    return {
      transactionId,
      encodings: this.#encodings.map((each) => ({ ...each })),
      codecs: [],
      headerExtensions: [],
      rtcp: {},
    };
  }

  async setParameters(parameters: RTCRtpSendParameters): Promise<void> {
    const { connection } = this.#transceiver;
    const { fate, complain } = connection.page.world;
    if (this.#transceiver.isOver) throw new DOMException("It is over.", "InvalidStateError");
    if (this.#read !== parameters.transactionId) {
      complain("parameters were set that were not read in the same task");
      throw new DOMException("Read them first.", "InvalidStateError");
    }
    this.#read = undefined;
    const rids = parameters.encodings.flatMap(({ rid }) => rid ?? []);
    if (parameters.encodings.length !== this.#encodings.length || rids.join() !== this.rids.join()) {
      complain("layers were added, removed or renamed after the start");
      throw new DOMException("Other layers.", "InvalidModificationError");
    }
    const fails = fate.fails();
    await connection.page.wait(fate.delay(0, 5));
    if (fails) throw new DOMException("The encoder refused.", "OperationError");
    this.#encodings = parameters.encodings;
  }

  async getStats(): Promise<Map<string, Readonly<Record<string, unknown>>>> {
    await this.#transceiver.connection.page.wait(1);
    return new Map([[`out-${this.ssrc}`, { id: `out-${this.ssrc}`, type: "outbound-rtp", bytesSent: this.bytesSent }]]);
  }
}

export class ModelReceiver {
  readonly track: ModelTrack;
  bytesReceived = 0;
  /** Of the last packet: what it shows, and when it came. */
  heard: { readonly mark: number; readonly at: number } | undefined;

  constructor(kind: "audio" | "video") {
    this.track = new ModelTrack(kind);
  }

  getSynchronizationSources = (): readonly object[] => [];
}

export class ModelTransceiver {
  readonly connection: ModelPeerConnection;
  readonly kind: "audio" | "video";
  mid: string | null = null;
  /** Of its m-line, as it was offered last. */
  index: number | undefined;
  currentDirection: Direction | "stopped" | null = null;
  readonly sender: ModelSender;
  readonly receiver: ModelReceiver;
  #direction: Direction;
  stopping = false;
  stopped = false;

  constructor(
    connection: ModelPeerConnection,
    kind: "audio" | "video",
    direction: Direction,
    track: ModelTrack | null = null,
    encodings: readonly RTCRtpEncodingParameters[] = [],
  ) {
    this.connection = connection;
    this.kind = kind;
    this.#direction = direction;
    this.sender = new ModelSender(this, track, encodings);
    this.receiver = new ModelReceiver(kind);
  }

  get isOver(): boolean {
    return this.stopping || this.stopped || this.connection.isClosed;
  }

  get direction(): Direction {
    return this.#direction;
  }

  set direction(direction: Direction) {
    if (this.isOver) {
      this.connection.page.world.complain("a direction was given to a transceiver that is over");
      throw new DOMException("It is over.", "InvalidStateError");
    }
    this.#direction = direction;
  }

  stop(): void {
    if (this.connection.isClosed) throw new DOMException("The connection is closed.", "InvalidStateError");
    this.stopping = true;
    this.#direction = "inactive";
  }

  /** Its m-line is rejected. */
  end(): void {
    this.stopping = true;
    this.stopped = true;
    this.currentDirection = "stopped";
    this.receiver.track.readyState = "ended";
  }

  get isSending(): boolean {
    return !this.isOver && this.currentDirection !== "stopped" && isSending(this.currentDirection);
  }

  get isReceiving(): boolean {
    return !this.isOver && this.currentDirection !== "stopped" && isReceiving(this.currentDirection);
  }
}
