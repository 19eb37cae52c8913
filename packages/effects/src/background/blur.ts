/**
 * A blurred background that the person is not in: a blur of weighted pixels, so that no halo of hair or shirt shines around
 * them. Pure, on the small picture that the model sees; what is blurred needs no more.
 *
 * Three box blurs one after the other are close to a Gaussian, and cost the same for every radius.
 */
const rounds = 3;

/** Where everything is the person, something has to be there nevertheless. */
const leastWeight = 0.002;

/** Pixels of a picture 256 wide; at strength 1 nothing can be told any more. */
const radii = { least: 1, most: 9 } as const;

/** `strength` from 0 to 1; other numbers are taken for the nearer of these. */
export function radiusOf(strength: number, width: number): number {
  const share = Number.isFinite(strength) ? Math.min(1, Math.max(0, strength)) : 1;
  return Math.max(1, Math.round(((radii.least + (radii.most - radii.least) * share) * width) / 256));
}

export class Blur {
  readonly #width: number;
  readonly #height: number;
  /** Red, green, blue, each times the weight, and the weight. */
  #planes: Float32Array[];
  #spare: Float32Array;

  constructor(width: number, height: number) {
    this.#width = width;
    this.#height = height;
    this.#planes = Array.from({ length: 4 }, () => new Float32Array(width * height));
    this.#spare = new Float32Array(width * height);
  }

  /** Writes the blurred background of `source` into `target`, opaque. Both are RGBA; `mask` tells where the person is. */
  apply(source: Uint8ClampedArray, mask: Float32Array, radius: number, target: Uint8ClampedArray): void {
    this.#weigh(source, mask);
    for (let plane = 0; plane < this.#planes.length; plane += 1) this.#soften(plane, radius);
    const [red, green, blue, weight] = this.#planes as [Float32Array, Float32Array, Float32Array, Float32Array];
    for (let at = 0; at < weight.length; at += 1) {
      const scale = 1 / (weight[at] as number);
      target[at * 4] = (red[at] as number) * scale;
      target[at * 4 + 1] = (green[at] as number) * scale;
      target[at * 4 + 2] = (blue[at] as number) * scale;
      target[at * 4 + 3] = 255;
    }
  }

  #weigh(source: Uint8ClampedArray, mask: Float32Array): void {
    const [red, green, blue, weight] = this.#planes as [Float32Array, Float32Array, Float32Array, Float32Array];
    for (let at = 0; at < weight.length; at += 1) {
      const away = 1 - (mask[at] as number);
      const w = away * away + leastWeight;
      red[at] = (source[at * 4] as number) * w;
      green[at] = (source[at * 4 + 1] as number) * w;
      blue[at] = (source[at * 4 + 2] as number) * w;
      weight[at] = w;
    }
  }

  #soften(plane: number, radius: number): void {
    const width = this.#width;
    const height = this.#height;
    for (let round = 0; round < rounds; round += 1) {
      const rows = this.#planes[plane] as Float32Array;
      box(rows, this.#spare, { lines: height, length: width, line: width, step: 1, radius });
      box(this.#spare, rows, { lines: width, length: height, line: 1, step: width, radius });
    }
  }
}

interface Run {
  /** How many lines, how long each, how far from one to the next, and from one pixel of a line to the next. */
  readonly lines: number;
  readonly length: number;
  readonly line: number;
  readonly step: number;
  readonly radius: number;
}

/** The mean over `radius` to both sides, line by line; beyond its ends a line goes on as it ends. */
function box(from: Float32Array, to: Float32Array, { lines, length, line, step, radius }: Run): void {
  const share = 1 / (2 * radius + 1);
  for (let index = 0; index < lines; index += 1) {
    const start = index * line;
    const end = start + (length - 1) * step;
    const first = from[start] as number;
    const last = from[end] as number;
    let sum = first * radius;
    for (let ahead = 0; ahead <= radius; ahead += 1) sum += from[Math.min(end, start + ahead * step)] as number;
    for (let at = 0; at < length; at += 1) {
      to[start + at * step] = sum * share;
      const leaves = at - radius;
      const enters = at + radius + 1;
      sum += enters < length ? (from[start + enters * step] as number) : last;
      sum -= leaves >= 0 ? (from[start + leaves * step] as number) : first;
    }
  }
}
