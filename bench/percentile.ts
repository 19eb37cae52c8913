/** The value below which `share` (0 to 1) of the values lie: the nearest rank, so it is one that was measured. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const found = sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
  if (found === undefined) throw new Error("There is no percentile of nothing.");
  return found;
}

export interface Spread {
  readonly p50_ms: number;
  readonly p95_ms: number;
}

/** In milliseconds, to one decimal: a browser's clock is no finer. */
export function spread(values: readonly number[]): Spread {
  const round = (value: number) => Math.round(value * 10) / 10;
  return { p50_ms: round(percentile(values, 0.5)), p95_ms: round(percentile(values, 0.95)) };
}
