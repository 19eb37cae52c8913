/** The end of a line that asks the other one for its tracks and data channels. */
import type { LayerLimits } from "../forward/layer.ts";
import type { TrackDescription } from "./description.ts";
import { type FrameHead, FrameReader, kinds } from "./frame.ts";
import { Import } from "./import.ts";
import {
  type Address,
  type Line,
  type LineListener,
  nothing,
  readJson,
  readMessage,
  sendMessage,
  writeJson,
} from "./line.ts";

/** What comes of what is asked for. */
export interface StreamListener {
  /** It is there: a track, or a data channel. */
  begun(track: Import | undefined): void;
  /** A message of a data channel. */
  message(message: string | Uint8Array): void;
  /** It is not there, or not any more: by itself, or with the line. Told once, and last. */
  ended(): void;
}

export interface AwayContext {
  readonly now: () => number;
  /** Something came. */
  readonly heard: () => void;
  /** The line is gone. */
  readonly closed: () => void;
}

interface Stream {
  readonly address: Address;
  readonly listener: StreamListener;
  track: Import | undefined;
}

export class Away implements LineListener {
  readonly #limits: LayerLimits;
  readonly #context: AwayContext;
  readonly #reader = new FrameReader((head, body) => this.#heard(head, body));
  readonly #streams = new Map<number, Stream>();
  #line: Line | undefined;
  #over = false;
  #next = 1;

  constructor(limits: LayerLimits, context: AwayContext) {
    this.#limits = limits;
    this.#context = context;
  }

  /** The line is open. */
  begin(line: Line): void {
    if (this.#over) line.close();
    else this.#line = line;
  }

  /** Asks for a track or a data channel; gives the number of its stream. */
  open(kind: typeof kinds.pull | typeof kinds.channel, address: Address, listener: StreamListener): number {
    const stream = this.#next++;
    this.#streams.set(stream, { address, listener, track: undefined });
    if (this.#line !== undefined) this.#line.send({ kind, stream, layer: 0 }, writeJson(address));
    // The line broke just now, and its end was told before this was asked.
    else queueMicrotask(() => this.#end(stream));
    return stream;
  }

  /** Nothing more comes of it, and its listener hears nothing more. */
  stop(stream: number): void {
    if (this.#streams.delete(stream)) this.#line?.send({ kind: kinds.stop, stream, layer: 0 }, nothing);
  }

  allow(stream: number, allowed: boolean): void {
    this.#line?.send({ kind: kinds.allow, stream, layer: allowed ? 1 : 0 }, nothing);
  }

  /** A message back to the publisher; false when the line takes no more. */
  send(stream: number, message: string | Uint8Array): boolean {
    return this.#line !== undefined && sendMessage(this.#line, stream, message);
  }

  received(bytes: Uint8Array): void {
    if (!this.#reader.received(bytes)) this.close();
    this.#context.heard();
  }

  drained(): void {}

  closed(): void {
    if (this.#over) return;
    this.#over = true;
    this.#line = undefined;
    const streams = [...this.#streams.values()];
    this.#streams.clear();
    for (const { listener } of streams) listener.ended();
    this.#context.closed();
  }

  close(): void {
    this.#line?.close();
    this.closed();
  }

  #end(number: number): void {
    const stream = this.#streams.get(number);
    this.#streams.delete(number);
    stream?.listener.ended();
  }

  #heard(head: FrameHead, body: Uint8Array): void {
    const { kind, stream: number } = head;
    const stream = this.#streams.get(number);
    // What was under way when it was stopped.
    if (stream === undefined) return;
    switch (kind) {
      case kinds.packet:
      case kinds.report:
        stream.track?.heard(head, body, this.#context.now());
        break;
      case kinds.begun:
        if (this.#line !== undefined && body.length > 0) {
          const track = readJson(body) as TrackDescription;
          stream.track = new Import(track, stream.address, this.#line, number, this.#limits);
        }
        stream.listener.begun(stream.track);
        break;
      case kinds.refused:
      case kinds.ended:
        this.#end(number);
        break;
      case kinds.text:
      case kinds.binary:
        stream.listener.message(readMessage(head, body));
        break;
      default:
        // What only this side says.
        this.close();
    }
  }
}
