/**
 * One incoming packet made ready for its subscribers.
 *
 * The payload is copied once. Each subscriber then gets the same buffer with the header written anew in front of it,
 * which is why the bytes are valid only until the next subscriber's are asked for. Header extensions are rewritten,
 * because their ids belong to one session, and a foreign mid would make the receiver drop the packet.
 */
import { findExtension, type RtpHeader, writeUint16, writeUint32 } from "../rtp/header.ts";

/** The ids under which one session knows the extensions that are passed on. */
export interface ExtensionIds {
  readonly audioLevelId: number | undefined;
  readonly videoOrientationId: number | undefined;
}

/** How one subscriber numbers the stream. */
export interface Numbering {
  readonly payloadType: number;
  readonly sequence: number;
  readonly ssrc: number;
}

const fixedHeader = 12;
/** Extension header plus one word: both extensions that we pass on hold one byte, and a packet has at most one of them. */
const extensionBlock = 8;
const payloadAt = fixedHeader + extensionBlock;
/** A UDP datagram cannot be longer. */
const largestPacket = 65_535;

export class OutgoingPacket {
  readonly #buffer = new Uint8Array(largestPacket + payloadAt);
  #bare = this.#buffer;
  #extended = this.#buffer;
  #first = 0;
  #marker = 0;
  #timestamp = 0;
  #audioLevel: number | undefined;
  #videoOrientation: number | undefined;

  /** Takes the next packet; what was given out for the one before is overwritten. */
  load(packet: Uint8Array, header: RtpHeader, ids: ExtensionIds): void {
    const end = payloadAt + packet.length - header.payloadOffset;
    this.#buffer.set(header.payloadOffset === 0 ? packet : packet.subarray(header.payloadOffset), payloadAt);
    this.#bare = this.#buffer.subarray(extensionBlock, end);
    this.#extended = this.#buffer.subarray(0, end);
    this.#first = 0x80 | (header.padded ? 0x20 : 0);
    this.#marker = header.marker ? 0x80 : 0;
    this.#timestamp = header.timestamp;
    this.#audioLevel = byteExtension(packet, header, ids.audioLevelId);
    this.#videoOrientation = byteExtension(packet, header, ids.videoOrientationId);
  }

  bytesFor(ids: ExtensionIds, numbering: Numbering): Uint8Array {
    const levelId = this.#audioLevel === undefined ? undefined : ids.audioLevelId;
    const id = levelId ?? (this.#videoOrientation === undefined ? undefined : ids.videoOrientationId);
    const bytes = id === undefined ? this.#bare : this.#extended;
    bytes[0] = id === undefined ? this.#first : this.#first | 0x10;
    bytes[1] = this.#marker | numbering.payloadType;
    writeUint16(bytes, 2, numbering.sequence);
    writeUint32(bytes, 4, this.#timestamp);
    writeUint32(bytes, 8, numbering.ssrc);
    if (id !== undefined) {
      const value = (levelId === undefined ? this.#videoOrientation : this.#audioLevel) ?? 0;
      writeUint16(bytes, fixedHeader, 0xbede);
      writeUint16(bytes, fixedHeader + 2, 1);
      // Element header: id and length minus one, then the byte, then two bytes of padding.
      writeUint32(bytes, fixedHeader + 4, (id << 28) | (value << 16));
    }
    return bytes;
  }
}

function byteExtension(packet: Uint8Array, header: RtpHeader, id: number | undefined): number | undefined {
  const found = id === undefined ? undefined : findExtension(packet, header, id);
  return found?.length === 1 ? packet[found.offset] : undefined;
}
