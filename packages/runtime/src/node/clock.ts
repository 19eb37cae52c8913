/** Milliseconds since the epoch that never go back: the wall clock at start, moved on by the monotonic one. */
export function now(): number {
  return Math.floor(performance.timeOrigin + performance.now());
}
