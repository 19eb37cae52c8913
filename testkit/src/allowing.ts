import { availableParallelism, loadavg } from "node:os";

/**
 * What a bound of time on an idle machine is on this one as it is now: in proportion to how many want to run on each core.
 *
 * For promises of speed that are kept by real processes. What only has to come at last is waited for instead.
 */
export function allowing(milliseconds: number): number {
  const [lastMinute = 0] = loadavg();
  // The mean of a minute says little of the worst second in it.
  return milliseconds * Math.max(2, (3 * lastMinute) / availableParallelism());
}
