/**
 * RTP packets of Opus → messages of PCM, in order and without holes.
 *
 * A short loss is filled, from what the next packet repeats where it does; a longer pause is left, and shows in the
 * timestamps. What comes late was filled already and is dropped. Pure.
 */
import { readRtpHeader } from "../rtp/header.ts";
import { sequenceDistance } from "../rtp/sequence.ts";
import { writePacket } from "./packet.ts";
import type { AudioDecoder } from "./platform.ts";

/** Lost packets in a row that are filled: beyond 100 ms a guess is noise. */
const mostFilled = 5;
/** Two channels of two bytes. */
const bytesPerSample = 4;

interface Last {
  readonly sequence: number;
  readonly timestamp: number;
  /** Samples of one packet. */
  readonly samples: number;
}

export class Egress {
  readonly #decoder: AudioDecoder;
  #last: Last | undefined;
  #sequenceNumber = 0;

  constructor(decoder: AudioDecoder) {
    this.#decoder = decoder;
  }

  /** The messages that one packet makes, each with its number of PCM bytes. */
  received(packet: Uint8Array): { message: Uint8Array; pcmBytes: number }[] {
    const header = readRtpHeader(packet);
    if (header === undefined || header.payloadEnd === header.payloadOffset) return [];
    const opus = packet.subarray(header.payloadOffset, header.payloadEnd);
    const last = this.#last;
    const ahead = last === undefined ? 1 : sequenceDistance(last.sequence, header.sequence);
    if (ahead <= 0) return [];
    const messages = last === undefined ? [] : this.#fill(last, ahead - 1, header.timestamp, opus);
    const pcm = this.#decoder.decode(opus);
    if (pcm === undefined) return messages;
    this.#last = {
      sequence: header.sequence,
      timestamp: header.timestamp,
      samples: pcm.length / bytesPerSample,
    };
    messages.push(this.#message(header.timestamp, pcm));
    return messages;
  }

  #fill(last: Last, missing: number, timestamp: number, next: Uint8Array): ReturnType<Egress["received"]> {
    const { samples } = last;
    // A pause of the speaker (DTX) has a gap in time that its gap in numbers does not explain.
    const explained = (timestamp - last.timestamp) >>> 0 === (missing + 1) * samples;
    if (missing > mostFilled || !explained) return [];
    return Array.from({ length: missing }, (_, index) => {
      const pcm = this.#decoder.conceal(samples, index === missing - 1 ? next : undefined);
      return this.#message((last.timestamp + (index + 1) * samples) >>> 0, pcm);
    });
  }

  #message(timestamp: number, pcm: Uint8Array): { message: Uint8Array; pcmBytes: number } {
    const message = writePacket({ sequenceNumber: this.#sequenceNumber, timestamp, payload: pcm });
    this.#sequenceNumber = (this.#sequenceNumber + 1) >>> 0;
    return { message, pcmBytes: pcm.length };
  }
}
