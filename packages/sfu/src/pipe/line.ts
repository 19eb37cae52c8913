/** What a pipe needs of the connection under it. A platform implements it; see `runtime/node/workers`. */
import { type FrameHead, kinds, largestBody } from "./frame.ts";

/** One end of a reliable, ordered connection to another server of the same apps. */
export interface Line {
  /** Sends a frame; the body may be reused as soon as it returns. */
  send(head: FrameHead, body: Uint8Array): void;
  /** Bytes that were sent and have not left this process. */
  readonly waiting: number;
  /** Idempotent. The listener hears nothing more. */
  close(): void;
  /** Tells whoever runs this process of an error that is its own. */
  complain(error: unknown): void;
}

export interface LineListener {
  /** What came, in pieces of any length. */
  received(bytes: Uint8Array): void;
  /** Nothing waits any more, after something did. */
  drained(): void;
  /** The other side, or the connection, ended it. */
  closed(): void;
}

/** The way to other servers. */
export interface Elsewhere {
  /** Names the server that has the session; undefined for this one, and for an id that is nobody's. */
  serverOf(session: string): string | undefined;
  /** Rejects when it cannot be reached. */
  dial(server: string, listener: LineListener): Promise<Line>;
}

/** Bytes that may wait for a reader: half a second of 64 Mbit/s. One that is further behind hangs. */
export const mostWaiting = 4_194_304;
/** Bytes of messages beyond that: media begins anew once it has room, but a channel that lost a message is over. */
const mostMessages = 4_194_304;

export const nothing = new Uint8Array(0);

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Names a track or a data channel, as `pull` and `channel` do. */
export interface Address {
  readonly app: string;
  readonly session: string;
  readonly name: string;
}

export function writeJson(value: unknown): Uint8Array {
  return encoder.encode(JSON.stringify(value));
}

/** The other side is a server of the same version, which wrote it with `writeJson`. */
export function readJson(body: Uint8Array): unknown {
  return JSON.parse(decoder.decode(body));
}

export function readAddress(body: Uint8Array): Address | undefined {
  const { app, session, name } = readJson(body) as Partial<Record<keyof Address, unknown>>;
  const good = typeof app === "string" && typeof session === "string" && typeof name === "string";
  return good ? { app, session, name } : undefined;
}

/** Sends a message of a data channel; false when it finds no room, or is larger than a frame. */
export function sendMessage(line: Line, stream: number, message: string | Uint8Array): boolean {
  const text = typeof message === "string";
  const body = text ? encoder.encode(message) : message;
  if (body.length > largestBody || line.waiting + body.length > mostWaiting + mostMessages) return false;
  line.send({ kind: text ? kinds.text : kinds.binary, stream, layer: 0 }, body);
  return true;
}

export function readMessage({ kind }: FrameHead, body: Uint8Array): string | Uint8Array {
  return kind === kinds.text ? decoder.decode(body) : body.slice();
}
