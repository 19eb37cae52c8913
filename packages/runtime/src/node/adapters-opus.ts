/** Opus for the adapters: libopus as WebAssembly (docs/decisions/0009-audio-codec.md). */
import type { AudioDecoder, AudioEncoder } from "@satsuma/sfu";
import { createDecoder, createEncoder } from "libopus-wasm";

/** bits/s, stereo. Speech is transparent at half of it. */
const bitrate = 64_000;
/** Half of libopus' best, which costs twice the time for what nobody hears at this bitrate. */
const complexity = 5;

export async function openEncoder(): Promise<AudioEncoder> {
  const encoder = await createEncoder({ bitrate, complexity, fec: true, packetLossPercent: 5 });
  return {
    encode: (pcm) => encoder.encode(pcm),
    free: () => encoder.free(),
  };
}

export async function openDecoder(): Promise<AudioDecoder> {
  const decoder = await createDecoder();
  return {
    decode(packet) {
      try {
        return bytesOf(decoder.decode(packet));
      } catch {
        // Its publisher sends what it likes under the name of Opus; the next packet is decoded as if this one was lost.
        return undefined;
      }
    },
    conceal(frameSize, next) {
      try {
        return bytesOf(decoder.decode(next ?? null, { frameSize, decodeFec: next !== undefined }));
      } catch {
        return bytesOf(decoder.decodePacketLoss(frameSize));
      }
    },
    free: () => decoder.free(),
  };
}

/** Every machine that Node 24 runs on but s390x is little endian, as the wire is. */
function bytesOf(pcm: Int16Array): Uint8Array {
  return new Uint8Array(pcm.buffer, pcm.byteOffset, pcm.byteLength);
}
