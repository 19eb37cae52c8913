/**
 * What is added to a layer's numbers from one beginning of it to the next, for one subscriber: chosen so that pictures and
 * timestamps go on from what went out before.
 */
import type { Layer } from "./layer.ts";
import type { Packet } from "./packet.ts";
import type { Publication } from "./publication.ts";
import type { Ring } from "./ring.ts";

export interface Flow {
  readonly source: Publication | undefined;
  readonly layer: Layer;
  /** The layer's when it began: another one means that the layer has begun anew. */
  readonly ring: Ring;
  readonly timestampShift: number;
  readonly baseShift: number;
  readonly frameShift: number;
  /** Follows the pictures that are left out, where their numbers must have no gap. */
  pictureShift: number;
  /** Newest number of the source that was looked at. */
  newest: number;
}

/** The newest that went out to a subscriber, over all flows. */
export class Newest {
  timestamp = 0;
  /** ms. */
  at = 0;
  /** Picture numbers as in `Frame`, -1 for none. */
  pictureId = -1;
  baseId = -1;
  frameNumber = -1;
}

/** ms by which a packet's place on its sender's clock may differ from when it came; beyond, that clock is not believed. */
const clockTolerance = 1_000;

/** A flow that begins with `packet` after `before`, in ticks of a clock of `clockRate` Hz. */
export function beginFlow(
  source: Publication | undefined,
  layer: Layer,
  packet: Packet,
  before: Flow | undefined,
  newest: Newest,
  clockRate: number,
  now: number,
): Flow {
  const { frame, timestamp, sequence } = packet;
  let timestampShift = 0;
  if (before !== undefined) {
    const waited = ((now - newest.at) * clockRate) / 1_000;
    const byClock = before.source === source ? ticksByClock(before, layer, timestamp, newest) : undefined;
    const believed = byClock !== undefined && Math.abs(byClock - waited) < (clockTolerance * clockRate) / 1_000;
    // At least one tick, so that two pictures never share a timestamp.
    timestampShift = newest.timestamp + Math.max(1, believed ? byClock : Math.round(waited)) - timestamp;
  }
  return {
    source,
    layer,
    ring: layer.ring,
    timestampShift,
    pictureShift: shiftAfter(newest.pictureId, frame.pictureId),
    baseShift: shiftAfter(newest.baseId, frame.baseId),
    frameShift: shiftAfter(newest.frameNumber, frame.number),
    newest: (sequence - 1) & 0xffff,
  };
}

/** Layers of one track have RTP clocks of their own, and their sender reports one wall clock: the exact time between two. */
function ticksByClock(before: Flow, layer: Layer, timestamp: number, newest: Newest): number | undefined {
  const from = before.layer.clock;
  const to = layer.clock;
  if (from === undefined || to === undefined || before.layer.ring !== before.ring) return undefined;
  const shift = from.timestampAt(to) + before.timestampShift - to.report.rtpTimestamp;
  return (timestamp + shift - newest.timestamp) | 0;
}

function shiftAfter(last: number, next: number): number {
  return last < 0 || next < 0 ? 0 : last + 1 - next;
}
