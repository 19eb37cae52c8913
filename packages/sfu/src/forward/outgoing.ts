/**
 * One incoming packet made ready for its subscribers.
 *
 * The payload is copied once. Each subscriber then gets the same buffer with the header written anew in front of it,
 * which is why the bytes are valid only until the next subscriber's are asked for. Header extensions are rewritten,
 * because their ids belong to one session, and a foreign mid would make the receiver drop the packet.
 */
import { findExtension, type RtpHeader, writeUint16, writeUint32 } from "../rtp/header.ts";

/** From the extension ids of a publisher's m-line to those of a subscriber's: what is not in here is not passed on. */
export type Passage = ReadonlyMap<number, number>;

/** How one subscriber numbers the stream. */
export interface Numbering {
  readonly payloadType: number;
  readonly sequence: number;
  readonly timestamp: number;
  readonly ssrc: number;
}

const fixedHeader = 12;
/** Room for the extension header and seven elements of 17 bytes: more than are ever passed on. */
const payloadAt = fixedHeader + 4 + 120;
/** A UDP datagram cannot be longer. */
const largestPacket = 65_535;

export class OutgoingPacket {
  readonly #buffer = new Uint8Array(largestPacket + payloadAt);
  #packet: Uint8Array = this.#buffer;
  #header: RtpHeader | undefined;
  #end = payloadAt;
  /** The passage that the extension block in the buffer was written for, and the bytes from there on. */
  #passage: Passage | undefined;
  #bytes = this.#buffer;
  #first = 0;

  /** Takes the next packet; what was given out for the one before is overwritten. */
  load(packet: Uint8Array, header: RtpHeader): void {
    this.#packet = packet;
    this.#header = header;
    this.#end = payloadAt + packet.length - header.payloadOffset;
    this.#buffer.set(packet.subarray(header.payloadOffset), payloadAt);
    this.#passage = undefined;
  }

  bytesFor(passage: Passage, numbering: Numbering): Uint8Array {
    const header = this.#header;
    if (header === undefined) throw new Error("A packet must be loaded before its bytes are asked for.");
    if (passage !== this.#passage) this.#writeExtensions(passage, header);
    const bytes = this.#bytes;
    bytes[0] = this.#first;
    bytes[1] = (header.marker ? 0x80 : 0) | numbering.payloadType;
    writeUint16(bytes, 2, numbering.sequence);
    writeUint32(bytes, 4, numbering.timestamp);
    writeUint32(bytes, 8, numbering.ssrc);
    return bytes;
  }

  /** Writes the block right in front of the payload, so that the header's place follows from its length. */
  #writeExtensions(passage: Passage, header: RtpHeader): void {
    let length = 0;
    for (const source of passage.keys()) {
      const found = findExtension(this.#packet, header, source);
      if (found !== undefined && fits(found.length)) length += 1 + found.length;
    }
    const padded = Math.ceil(length / 4) * 4;
    const start = payloadAt - fixedHeader - (length === 0 ? 0 : 4 + padded);
    if (length > 0) {
      let at = start + fixedHeader;
      writeUint16(this.#buffer, at, 0xbede);
      writeUint16(this.#buffer, at + 2, padded / 4);
      at += 4;
      for (const [source, target] of passage) {
        const found = findExtension(this.#packet, header, source);
        if (found === undefined || !fits(found.length)) continue;
        this.#buffer[at] = (target << 4) | (found.length - 1);
        this.#buffer.set(this.#packet.subarray(found.offset, found.offset + found.length), at + 1);
        at += 1 + found.length;
      }
      this.#buffer.fill(0, at, payloadAt);
    }
    this.#first = 0x80 | (header.padded ? 0x20 : 0) | (length > 0 ? 0x10 : 0);
    this.#bytes = this.#buffer.subarray(start, this.#end);
    this.#passage = passage;
  }
}

/** What the one-byte form can say (RFC 8285 §4.2). */
function fits(length: number): boolean {
  return length >= 1 && length <= 16;
}
