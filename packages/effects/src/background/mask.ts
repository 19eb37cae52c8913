/**
 * Where the person is: what the model says of a picture, made steady and given an edge. Pure.
 *
 * Values are from 0, background, to 1, person.
 */

/** Below `low` it is background and above `high` the person; between them runs the edge. */
const edge = { low: 0.4, high: 0.9 } as const;

/** How much of a change is taken over at once: little ones are the model's doubts, large ones are movement. */
const inertia = { least: 0.35, full: 0.3 } as const;

/** Takes what the model found into `mask`, which holds what was known before. */
export function steady(mask: Float32Array, found: ArrayLike<number>): void {
  for (let at = 0; at < mask.length; at += 1) {
    const before = mask[at] ?? 0;
    const change = (found[at] ?? 0) - before;
    const taken = Math.min(1, inertia.least + Math.abs(change) / inertia.full);
    mask[at] = before + change * taken;
  }
}

/** Writes the mask, `width` wide, as the opacity of an image whose colours do not matter. */
export function intoAlpha(mask: Float32Array, width: number, pixels: Uint8ClampedArray): void {
  const last = mask.length - width;
  for (let at = 0; at < mask.length; at += 1) {
    const column = at % width;
    const left = column > 0 ? at - 1 : at;
    const right = column < width - 1 ? at + 1 : at;
    const above = at >= width ? -width : 0;
    const below = at < last ? width : 0;
    // Each pixel becomes five of the camera's or more: without the mean of its neighbours their corners would be seen.
    const sides = side(mask, left, above, below) + side(mask, right, above, below);
    pixels[at * 4 + 3] = 255 * smooth((2 * side(mask, at, above, below) + sides) / 16);
  }
}

function side(mask: Float32Array, at: number, above: number, below: number): number {
  return (mask[at + above] as number) + 2 * (mask[at] as number) + (mask[at + below] as number);
}

/** From 0 to 1 between the edges, without a corner. */
export function smooth(value: number): number {
  const t = Math.min(1, Math.max(0, (value - edge.low) / (edge.high - edge.low)));
  return t * t * (3 - 2 * t);
}
