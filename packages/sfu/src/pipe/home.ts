/** The end of a line whose tracks and data channels are here, and are asked for by the other end. */
import type { Publication } from "../forward/publication.ts";
import { Export } from "./export.ts";
import type { ExportsContext } from "./exports.ts";
import { type FrameHead, FrameReader, kinds } from "./frame.ts";
import {
  type Address,
  type Line,
  type LineListener,
  nothing,
  readAddress,
  readMessage,
  sendMessage,
  writeJson,
} from "./line.ts";
import { Shares } from "./shares.ts";

/** Streams that one other server may have at once, of all apps; one app alone may have half of them. */
const mostStreams = 20_000;

export interface HomeContext extends ExportsContext {
  /** An id for the router and for the registry of data channels. */
  readonly newId: () => string;
  /** The line is gone. */
  readonly closed: () => void;
}

/** The data channels of this server, as far as another subscribes to them. */
export interface HomeChannels {
  /** False when there is no such channel. */
  subscribe(from: string, stream: number, address: Address): boolean;
  allow(from: string, stream: number, allowed: boolean): void;
  deliver(from: string, stream: number, message: string | Uint8Array): void;
  unsubscribe(from: string, stream: number): void;
}

export class Home implements LineListener {
  /** Under which its data channels are known. */
  readonly id: string;
  readonly #context: HomeContext;
  readonly #reader = new FrameReader((head, body) => this.#heard(head, body));
  readonly #exports = new Map<number, Export>();
  readonly #byId = new Map<string, Export>();
  readonly #channels = new Set<number>();
  /** Tracks that are still waited for. */
  readonly #asked = new Set<number>();
  readonly #shares = new Shares(mostStreams);
  /** The app of each stream, asked or begun. */
  readonly #apps = new Map<number, string>();
  readonly #complain: (error: unknown) => void;
  #line: Line | undefined;

  constructor(line: Line, context: HomeContext) {
    this.#line = line;
    this.#complain = (error) => line.complain(error);
    this.#context = context;
    this.id = context.newId();
  }

  get size(): number {
    return this.#exports.size;
  }

  /** What hands packets to the subscriber that the router knows by this id. */
  sendTo(id: string): Export["send"] | undefined {
    return this.#byId.get(id)?.send;
  }

  /** A track of this server has ended. */
  unpublished(publication: Publication): void {
    for (const [stream, { publication: exported }] of this.#exports) if (exported === publication) this.#end(stream);
  }

  /** A data channel of this server has ended. */
  channelEnded(stream: number): void {
    if (!this.#channels.delete(stream)) return;
    this.#give(stream);
    this.#say(kinds.ended, stream);
  }

  /** A message for a subscriber behind the line; false when it reads too slowly. */
  send(stream: number, message: string | Uint8Array): boolean {
    return this.#line !== undefined && sendMessage(this.#line, stream, message);
  }

  received(bytes: Uint8Array): void {
    if (!this.#reader.received(bytes)) this.close();
  }

  drained(): void {
    for (const each of this.#exports.values()) each.resume();
    this.#context.changed();
  }

  closed(): void {
    this.#line = undefined;
    for (const each of this.#exports.values()) each.end();
    this.#exports.clear();
    this.#byId.clear();
    for (const stream of this.#channels) this.#context.channels.unsubscribe(this.id, stream);
    this.#channels.clear();
    this.#asked.clear();
    this.#context.closed();
  }

  close(): void {
    this.#line?.close();
    this.closed();
  }

  #heard({ kind, stream, layer }: FrameHead, body: Uint8Array): void {
    // Frames behind one that ended the line: what they began would never end.
    if (this.#line === undefined) return;
    const { channels } = this.#context;
    switch (kind) {
      case kinds.pull:
        this.#pull(stream, readAddress(body)).catch((error: unknown) => {
          this.#complain(error);
          this.#end(stream);
        });
        break;
      case kinds.want:
        this.#exports.get(stream)?.want(body);
        break;
      case kinds.keyframe:
        this.#exports.get(stream)?.keyframe(layer);
        break;
      case kinds.channel:
        this.#subscribe(stream, readAddress(body));
        break;
      case kinds.allow:
        if (this.#channels.has(stream)) channels.allow(this.id, stream, layer === 1);
        break;
      case kinds.text:
      case kinds.binary:
        if (this.#channels.has(stream)) channels.deliver(this.id, stream, readMessage({ kind, stream, layer }, body));
        break;
      case kinds.stop:
        this.#stop(stream);
        break;
      default:
        // What only this side says.
        this.close();
        return;
    }
    this.#context.changed();
  }

  async #pull(stream: number, address: Address | undefined): Promise<void> {
    if (address === undefined || !this.#take(stream, address.app)) {
      this.#say(kinds.refused, stream);
      return;
    }
    this.#asked.add(stream);
    const source = await this.#context.source(address);
    // Nobody wants it any more, or nobody is there.
    if (!this.#asked.delete(stream) || this.#line === undefined) return;
    if (source === undefined) {
      this.#give(stream);
      this.#say(kinds.refused, stream);
      return;
    }
    const made = new Export(this.#context, this.#context.newId(), source, this.#line, stream);
    this.#exports.set(stream, made);
    this.#byId.set(made.id, made);
    this.#say(kinds.begun, stream, writeJson(made.description));
    made.begin();
    this.#context.changed();
  }

  #subscribe(stream: number, address: Address | undefined): void {
    const room = address !== undefined && this.#take(stream, address.app);
    if (!room || !this.#context.channels.subscribe(this.id, stream, address)) {
      if (room) this.#give(stream);
      this.#say(kinds.refused, stream);
      return;
    }
    this.#channels.add(stream);
    this.#say(kinds.begun, stream);
  }

  #stop(stream: number): void {
    this.#give(stream);
    this.#asked.delete(stream);
    if (this.#channels.delete(stream)) this.#context.channels.unsubscribe(this.id, stream);
    const stopped = this.#exports.get(stream);
    if (stopped === undefined) return;
    this.#exports.delete(stream);
    this.#byId.delete(stopped.id);
    stopped.end();
  }

  #end(stream: number): void {
    this.#stop(stream);
    this.#say(kinds.ended, stream);
  }

  /** A number that is in use has no meaning that both sides would share. */
  #take(stream: number, app: string): boolean {
    if (this.#apps.has(stream)) throw new Error(`Stream ${stream} was asked for twice.`);
    if (!this.#shares.take(app)) return false;
    this.#apps.set(stream, app);
    return true;
  }

  #give(stream: number): void {
    const app = this.#apps.get(stream);
    if (app === undefined) return;
    this.#apps.delete(stream);
    this.#shares.give(app);
  }

  #say(kind: FrameHead["kind"], stream: number, body: Uint8Array = nothing): void {
    this.#line?.send({ kind, stream, layer: 0 }, body);
  }
}
