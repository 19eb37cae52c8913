/**
 * One incoming packet as it lies in its layer's ring, and as it goes out to one subscriber after the other.
 *
 * The payload is copied once, with room in front of it. A subscriber's header is written into that room right before
 * the packet leaves, which is why what `prepare` gives is overwritten for the next subscriber. Header extensions are
 * rewritten, because their ids belong to one session, and a foreign mid would make the receiver drop the packet.
 */
import type { DependencyReader } from "../rtp/dependency.ts";
import { Frame } from "../rtp/frame.ts";
import { type RtpHeader, writeUint16, writeUint32 } from "../rtp/header.ts";
import type { Passage } from "./passage.ts";

const fixedHeader = 12;
/** The profile word and the length (RFC 8285 §4.1.2). */
const blockHeader = 4;
/** A transport-wide sequence number with the header of its element. */
const transportElement = 3;
const noBytes = new Uint8Array(0);

/** How one subscriber numbers the packet. */
export interface Numbering {
  payloadType: number;
  marker: boolean;
  sequence: number;
  timestamp: number;
  ssrc: number;
  /** Added to the number of its frame, where a dependency descriptor has one. */
  frameShift: number;
}

export class Packet {
  readonly frame = new Frame();
  /** Its number at the source; -1 before the first. */
  sequence = -1;
  timestamp = 0;
  marker = false;
  /** Its payload is redundant audio. */
  redundant = false;
  /** ms. */
  receivedAt = Number.NEGATIVE_INFINITY;
  /** Where it lies among all bytes that its ring was ever given. */
  position = Number.NEGATIVE_INFINITY;
  /** Bytes of payload, without padding. */
  length = 0;
  /** Where the two bytes of the transport-wide number are in what `prepare` gave; 0 for nowhere. */
  transportAt = 0;
  #bytes: Uint8Array = noBytes;
  /** The extension elements of the source, which may be asked for again by a subscriber that numbers them otherwise. */
  #elementsAt = 0;
  #elementsEnd = 0;
  #wideElements = false;
  #payloadAt = 0;
  #passage: Passage | undefined;
  #view: Uint8Array = noBytes;
  #pictureId = -1;
  #baseId = -1;
  /** Where the dependency descriptor is in the view; 0 for nowhere. */
  #descriptorAt = 0;

  /** Bytes that a packet takes in a ring. An element may grow by a byte when the long form is written. */
  static room(header: RtpHeader): number {
    const elements = header.extensionEnd - header.extensionStart;
    return elements + fixedHeader + blockHeader + 2 * elements + transportElement + 4 + length(header);
  }

  /** Takes its place at `offset` of a ring's bytes, as long as `room` says. */
  place(bytes: Uint8Array, offset: number, source: Uint8Array, header: RtpHeader): void {
    const elements = header.extensionEnd - header.extensionStart;
    this.#bytes = bytes;
    this.#elementsAt = offset;
    this.#elementsEnd = offset + elements;
    this.#wideElements = header.wideExtensions;
    this.length = length(header);
    this.#payloadAt = offset + Packet.room(header) - this.length;
    if (elements > 0) copy(source, header.extensionStart, header.extensionEnd, bytes, offset);
    copy(source, header.payloadOffset, header.payloadEnd, bytes, this.#payloadAt);
    this.sequence = header.sequence;
    this.timestamp = header.timestamp;
    this.marker = header.marker;
    this.#passage = undefined;
    this.frame.reset();
  }

  /** Reads the frame, once it has its place. */
  read(reader: (bytes: Uint8Array, start: number, end: number, frame: Frame) => void): void {
    reader(this.#bytes, this.#payloadAt, this.#payloadAt + this.length, this.frame);
    this.#pictureId = this.frame.pictureId;
    this.#baseId = this.frame.baseId;
  }

  /** Reads its dependency descriptor, which is the extension of this id. */
  readDescriptor(id: number, reader: DependencyReader): void {
    this.#find(id, (at, size) => reader.read(this.#bytes, at, size, this.frame));
  }

  /** The first byte of the extension of this id, -1 without one. */
  firstByte(id: number): number {
    let byte = -1;
    this.#find(id, (at, size) => {
      if (size > 0) byte = this.#bytes[at] ?? -1;
    });
    return byte;
  }

  #find(id: number, found: (at: number, size: number) => void): void {
    for (let next = this.#elementsAt; next < this.#elementsEnd; ) {
      const head = this.#bytes[next] ?? 0;
      const size = this.#sizeAt(next, head);
      const data = next + (this.#wideElements ? 2 : 1);
      if (size >= 0 && data + size > this.#elementsEnd) return;
      if (size >= 0 && (this.#wideElements ? head : head >> 4) === id) {
        found(data, size);
        return;
      }
      next = size < 0 ? next + 1 : data + size;
    }
  }

  /** Goes over to another block of bytes, in which the ring has given it a place. */
  move(bytes: Uint8Array, offset: number): void {
    const by = offset - this.#elementsAt;
    const end = this.#payloadAt + this.length;
    bytes.set(this.#bytes.subarray(this.#elementsAt, end), offset);
    this.#bytes = bytes;
    this.#elementsAt += by;
    this.#elementsEnd += by;
    this.#payloadAt += by;
    this.#passage = undefined;
    this.#view = noBytes;
  }

  /** Bytes from its place to its end. */
  get room(): number {
    return this.#payloadAt + this.length - this.#elementsAt;
  }

  /** The packet with its header for a subscriber. The bytes hold until the next call for any subscriber. */
  prepare(passage: Passage, numbering: Numbering): Uint8Array {
    if (passage !== this.#passage) this.#writeElements(passage);
    const view = this.#view;
    view[1] = (numbering.marker ? 0x80 : 0) | numbering.payloadType;
    writeUint16(view, 2, numbering.sequence);
    writeUint32(view, 4, numbering.timestamp);
    writeUint32(view, 8, numbering.ssrc);
    if (this.#descriptorAt > 0) {
      writeUint16(view, this.#descriptorAt + 1, (this.frame.number + numbering.frameShift) & 0xffff);
    }
    return view;
  }

  /** The picture numbers as they are written now; those of the source are in `frame`. -1 where there are none. */
  get pictureId(): number {
    return this.#pictureId;
  }

  set pictureId(id: number) {
    if (id === this.#pictureId) return;
    this.#pictureId = id;
    const at = this.#payloadAt + this.frame.pictureIdAt;
    if (this.frame.wide) writeUint16(this.#bytes, at, 0x8000 | id);
    else this.#bytes[at] = id;
  }

  get baseId(): number {
    return this.#baseId;
  }

  set baseId(id: number) {
    if (id === this.#baseId) return;
    this.#baseId = id;
    this.#bytes[this.#payloadAt + this.frame.baseIdAt] = id;
  }

  /** Writes the block right in front of the payload, so that the header's place follows from its length. */
  #writeElements(passage: Passage): void {
    const bytes = this.#bytes;
    const { length, wide } = this.#measure(passage);
    const padded = (length + 3) & ~3;
    const start = this.#payloadAt - fixedHeader - (length === 0 ? 0 : blockHeader + padded);
    this.transportAt = 0;
    this.#descriptorAt = 0;
    if (length > 0) {
      let at = start + fixedHeader;
      writeUint16(bytes, at, wide ? 0x1000 : 0xbede);
      writeUint16(bytes, at + 2, padded / 4);
      at += blockHeader;
      if (passage.transportId > 0) {
        at = element(bytes, at, passage.transportId, 2, wide);
        this.transportAt = at - start;
        at += 2;
      }
      for (let next = this.#elementsAt; next < this.#elementsEnd; ) {
        const head = bytes[next] ?? 0;
        const size = this.#sizeAt(next, head);
        const data = next + (this.#wideElements ? 2 : 1);
        if (size < 0) {
          next += 1;
          continue;
        }
        if (data + size > this.#elementsEnd) break;
        const target = passage.target(this.#wideElements ? head : head >> 4);
        if (passes(target, size, passage)) {
          at = element(bytes, at, target, size, wide);
          if (target === passage.longId && this.frame.number >= 0) this.#descriptorAt = at - start;
          copy(bytes, data, data + size, bytes, at);
          at += size;
        }
        next = data + size;
      }
      bytes.fill(0, at, this.#payloadAt);
    }
    bytes[start] = 0x80 | (length > 0 ? 0x10 : 0);
    this.#view = bytes.subarray(start, this.#payloadAt + this.length);
    this.#passage = passage;
  }

  /** What the elements of a passage take, and whether one of them needs the two-byte form (RFC 8285 §4.3). */
  #measure(passage: Passage): { length: number; wide: boolean } {
    let count = passage.transportId > 0 ? 1 : 0;
    let data = count * 2;
    let wide = false;
    for (let next = this.#elementsAt; next < this.#elementsEnd; ) {
      const head = this.#bytes[next] ?? 0;
      const size = this.#sizeAt(next, head);
      const at = next + (this.#wideElements ? 2 : 1);
      if (size < 0) {
        next += 1;
        continue;
      }
      if (at + size > this.#elementsEnd) break;
      if (passes(passage.target(this.#wideElements ? head : head >> 4), size, passage)) {
        count += 1;
        data += size;
        wide ||= size > 16;
      }
      next = at + size;
    }
    return { length: data + count * (wide ? 2 : 1), wide };
  }

  /** Bytes of the element at `at`; -1 for a byte of padding, and more than there is for the end that id 15 means. */
  #sizeAt(at: number, head: number): number {
    if (head === 0) return -1;
    if (this.#wideElements) return this.#bytes[at + 1] ?? 0;
    return head >> 4 === 15 ? Number.POSITIVE_INFINITY : (head & 0x0f) + 1;
  }
}

function length(header: RtpHeader): number {
  return header.payloadEnd - header.payloadOffset;
}

/** Whether an element goes on: into the one-byte form, or where the long one is allowed. */
function passes(target: number, size: number, passage: Passage): boolean {
  return target > 0 && size > 0 && (size <= 16 || target === passage.longId);
}

/** Writes the head of an element; gives where its data goes. */
function element(bytes: Uint8Array, at: number, id: number, size: number, wide: boolean): number {
  if (!wide) {
    bytes[at] = (id << 4) | (size - 1);
    return at + 1;
  }
  bytes[at] = id;
  bytes[at + 1] = size;
  return at + 2;
}

/** For a few bytes a loop is faster than the view that `set` needs. */
function copy(from: Uint8Array, start: number, end: number, to: Uint8Array, at: number): void {
  if (end - start > 32) to.set(from.subarray(start, end), at);
  else for (let next = start; next < end; next += 1) to[at + next - start] = from[next] ?? 0;
}
