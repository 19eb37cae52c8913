/** A publisher's camera in three simulcast layers, and its microphone: packets at the times and in the sizes of a browser's. */
import { ascii, rtp, vp8 } from "../packets.ts";

/** bits/s of each layer at 30 pictures a second, as Chromium sends 720p. */
export const bitrates = { f: 2_300_000, h: 600_000, q: 140_000 } as const;
export type Rid = keyof typeof bitrates;

const microphoneBitrate = 40_000;

const picture = 1_000 / 30;
const packetSize = 1_150;
/** A keyframe costs so many pictures. */
const keyframe = 6;

interface Layer {
  readonly rid: Rid;
  readonly ssrc: number;
  sequence: number;
  wantsKey: boolean;
  /** Bytes of packets that are still to leave of the present picture. */
  readonly line: Uint8Array[];
}

export class Camera {
  readonly #mid: string;
  readonly #layers: readonly Layer[];
  /** Whether it makes keyframes when it is asked for them. */
  hears = true;
  #pictures = 0;
  #nextAt: number;

  constructor(mid: string, firstSsrc: number, from: number) {
    this.#mid = mid;
    this.#nextAt = from + (firstSsrc % 30);
    this.#layers = (["f", "h", "q"] as const).map((rid, index) => ({
      rid,
      ssrc: firstSsrc + index,
      sequence: 100,
      wantsKey: true,
      line: [],
    }));
  }

  keyframeWanted(ssrc: number): void {
    if (!this.hears) return;
    for (const layer of this.#layers) if (layer.ssrc === ssrc) layer.wantsKey = true;
  }

  /** The packets that leave in this millisecond: each layer at most one, which is an encoder's pacing. */
  packets(now: number): Uint8Array[] {
    if (now >= this.#nextAt) {
      this.#nextAt += picture;
      this.#pictures += 1;
      for (const layer of this.#layers) this.#take(layer);
    }
    return this.#layers.flatMap((layer) => layer.line.splice(0, 1));
  }

  #take(layer: Layer): void {
    const key = layer.wantsKey;
    layer.wantsKey = false;
    const usual = (bitrates[layer.rid] * picture) / 8_000;
    const bytes = key ? usual * keyframe : usual;
    const count = Math.max(1, Math.ceil(bytes / packetSize));
    for (let index = 0; index < count; index += 1) {
      const descriptor = vp8({ start: index === 0, key });
      const payload = new Uint8Array(Math.max(20, Math.round(bytes / count)));
      payload.set(descriptor);
      payload[19] = layer.rid.charCodeAt(0);
      layer.line.push(
        rtp({
          ssrc: layer.ssrc,
          sequence: layer.sequence,
          timestamp: (this.#pictures * 3_000) >>> 0,
          marker: index === count - 1,
          payload,
          extensions: [
            { id: 4, data: ascii(this.#mid) },
            { id: 10, data: ascii(layer.rid) },
          ],
        }),
      );
      layer.sequence = (layer.sequence + 1) & 0xffff;
    }
  }
}

/** Opus in packets of 20 ms. */
export class Microphone {
  readonly #mid: string;
  readonly #ssrc: number;
  #packets = 0;
  #nextAt: number;

  constructor(mid: string, ssrc: number, from: number) {
    this.#mid = mid;
    this.#ssrc = ssrc;
    this.#nextAt = from + (ssrc % 20);
  }

  packets(now: number): Uint8Array[] {
    if (now < this.#nextAt) return [];
    this.#nextAt += 20;
    this.#packets += 1;
    return [
      rtp({
        payloadType: 111,
        ssrc: this.#ssrc,
        sequence: this.#packets & 0xffff,
        timestamp: this.#packets * 960,
        payload: new Uint8Array((microphoneBitrate * 20) / 8_000),
        extensions: [{ id: 4, data: ascii(this.#mid) }],
      }),
    ];
  }
}
