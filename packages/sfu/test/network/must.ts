class BrokenError extends Error {}

/** Throws what was promised, unless it was kept. */
export function must(kept: boolean, what: string): void {
  if (!kept) throw new BrokenError(what);
}
