/**
 * The newest packets of one incoming stream, each copied once.
 *
 * Bytes lie one after the other in one block and are overwritten from its beginning again. In front of each packet stand
 * its number and its length, so that the oldest can be found. Before one is overwritten that is younger than the window,
 * the block doubles, and so does the list of packets; at their bounds what is kept is shorter than the window.
 */
import { type RtpHeader, uint16, uint32, writeUint16, writeUint32 } from "../rtp/header.ts";
import { Packet } from "./packet.ts";

export interface RingLimits {
  /** ms for which a packet may be asked for again. */
  readonly window: number;
  /** Bytes of all packets together. */
  readonly bytes: number;
}

const firstSlots = 64;
const mostSlots = 4_096;
const firstBytes = 8_192;
/** Two bytes of number, four of length. */
const entryHead = 6;

export class Ring {
  readonly #limits: RingLimits;
  #bytes = new Uint8Array(firstBytes);
  #packets: Packet[] = Array.from({ length: firstSlots }, () => new Packet());
  /** All bytes ever written, with those that were left unused at the end of a block. */
  #written = 0;
  /** Where the oldest entry begins that is not overwritten, counted in the same way. */
  #oldest = 0;

  constructor(limits: RingLimits) {
    this.#limits = limits;
  }

  /** Takes a packet in; what is given out stays the same object until the packet is overwritten. */
  store(source: Uint8Array, header: RtpHeader, now: number): Packet {
    // A packet that comes late may be many lists behind the one in whose place it falls.
    while (this.#isTaken(header.sequence, now) && this.#packets.length < mostSlots) this.#widen();
    const room = Packet.room(header);
    this.#claim(room, now);
    const packet = this.#at(header.sequence);
    packet.place(this.#bytes, this.#begin(packet, header.sequence, room), source, header);
    packet.receivedAt = now;
    return packet;
  }

  /** The packet of this number, if it is still whole and came within the window. */
  get(sequence: number, now: number): Packet | undefined {
    const packet = this.#at(sequence);
    if (packet.sequence !== sequence || now - packet.receivedAt > this.#limits.window) return undefined;
    return this.#written - packet.position <= this.#bytes.length ? packet : undefined;
  }

  #isTaken(sequence: number, now: number): boolean {
    const other = this.#at(sequence);
    return other.sequence !== sequence && now - other.receivedAt <= this.#limits.window;
  }

  #at(sequence: number): Packet {
    const packet = this.#packets[sequence & (this.#packets.length - 1)];
    if (packet === undefined) throw new Error("A masked number is within the list.");
    return packet;
  }

  /** Makes sure that `room` bytes and their head can be written in a row, over nothing that is still wanted if possible. */
  #claim(room: number, now: number): void {
    const size = room + entryHead;
    for (;;) {
      const { length } = this.#bytes;
      const left = length - (this.#written % length);
      const end = this.#written + size + (left < size ? left : 0);
      const mayGrow = length * 2 <= this.#limits.bytes;
      if (size > length / 2 || (mayGrow && this.#wanted(end - length, now))) {
        this.#grow(now);
        continue;
      }
      if (left >= size) return;
      if (left >= entryHead) this.#head(this.#written % length, 0, left);
      this.#written += left;
      return;
    }
  }

  /** Whether anything before `position` is younger than the window. What is not is forgotten. */
  #wanted(position: number, now: number): boolean {
    const { length } = this.#bytes;
    while (this.#oldest < position) {
      const offset = this.#oldest % length;
      const left = length - offset;
      if (left < entryHead) {
        this.#oldest += left;
        continue;
      }
      const packet = this.#at(uint16(this.#bytes, offset));
      if (packet.position === this.#oldest && now - packet.receivedAt <= this.#limits.window) return true;
      this.#oldest += uint32(this.#bytes, offset + 2);
    }
    return false;
  }

  /** Begins an entry; gives where its bytes go. */
  #begin(packet: Packet, sequence: number, room: number): number {
    const offset = this.#written % this.#bytes.length;
    this.#head(offset, sequence, room + entryHead);
    packet.position = this.#written;
    this.#written += room + entryHead;
    return offset + entryHead;
  }

  #head(offset: number, sequence: number, size: number): void {
    writeUint16(this.#bytes, offset, sequence);
    writeUint32(this.#bytes, offset + 2, size);
  }

  /** Packets that are still whole move into a block of twice the size, in the order in which they came. */
  #grow(now: number): void {
    const whole: Packet[] = [];
    for (const packet of this.#packets) {
      if (this.get(packet.sequence, now) === packet) whole.push(packet);
      else packet.position = Number.NEGATIVE_INFINITY;
    }
    whole.sort((a, b) => a.position - b.position);
    this.#bytes = new Uint8Array(this.#bytes.length * 2);
    this.#written = 0;
    this.#oldest = 0;
    for (const packet of whole) packet.move(this.#bytes, this.#begin(packet, packet.sequence, packet.room));
  }

  #widen(): void {
    const before = this.#packets;
    this.#packets = Array.from({ length: before.length * 2 }, () => new Packet());
    for (const packet of before) {
      if (packet.sequence >= 0) this.#packets[packet.sequence & (this.#packets.length - 1)] = packet;
    }
  }
}
