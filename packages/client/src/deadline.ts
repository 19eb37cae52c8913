/** The first of some deadlines; undefined and infinite ones are none. */
export function earliest(...deadlines: readonly (number | undefined)[]): number | undefined {
  const known = deadlines.filter((deadline) => deadline !== undefined && Number.isFinite(deadline));
  return known.length === 0 ? undefined : Math.min(...(known as number[]));
}
