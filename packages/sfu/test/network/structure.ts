/**
 * How the pictures of a simulated encoder refer to each other: temporal layers in a pattern that repeats, every second turn
 * of which needs higher layers of the turn before, so that a subscriber cannot be raised just anywhere.
 */

export interface Position {
  readonly temporal: number;
  /** It needs the base layer alone (VP8's Y). */
  readonly syncs: boolean;
  /** Pictures of higher layers that follow need none of those before it (VP9's U). */
  readonly opens: boolean;
  /** Pictures that it needs, as the number of pictures back. */
  readonly needs: readonly number[];
}

const one: readonly Position[] = [{ temporal: 0, syncs: false, opens: false, needs: [1] }];
const two: readonly Position[] = [
  { temporal: 0, syncs: false, opens: true, needs: [2] },
  { temporal: 1, syncs: true, opens: false, needs: [1] },
  { temporal: 0, syncs: false, opens: false, needs: [2] },
  { temporal: 1, syncs: false, opens: false, needs: [1, 2] },
];
const three: readonly Position[] = [
  { temporal: 0, syncs: false, opens: true, needs: [4] },
  { temporal: 2, syncs: true, opens: false, needs: [1] },
  { temporal: 1, syncs: true, opens: true, needs: [2] },
  { temporal: 2, syncs: false, opens: false, needs: [1, 3] },
  { temporal: 0, syncs: false, opens: false, needs: [4] },
  { temporal: 2, syncs: false, opens: false, needs: [1, 2] },
  { temporal: 1, syncs: false, opens: true, needs: [2, 4] },
  { temporal: 2, syncs: false, opens: false, needs: [1, 3] },
];

/** The position of the picture that is so many behind the last keyframe; a keyframe itself needs nothing. */
export function positionOf(sinceKey: number, temporalLayers: number): Position {
  const pattern = temporalLayers === 1 ? one : temporalLayers === 2 ? two : three;
  const position = pattern[sinceKey % pattern.length];
  if (position === undefined) throw new Error("A remainder is within the pattern.");
  return sinceKey === 0 ? { ...position, needs: [] } : position;
}
