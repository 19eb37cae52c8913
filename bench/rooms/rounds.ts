/**
 * Doing something with each of a list again and again, spread over the time between as it is with people.
 *
 * By the clock: who is late because the machine is busy does what has become due meanwhile, or members of a busy bench
 * would ping less and less often and be taken for gone.
 */

/** Milliseconds. */
const step = 50;

/** The list may grow. */
export function inRounds<T>(everyMs: number, list: () => readonly T[], work: (item: T) => void): NodeJS.Timeout {
  const slots = everyMs / step;
  const began = performance.now();
  let done = 0;
  return setInterval(() => {
    const due = Math.floor((performance.now() - began) / step);
    // Of rounds that were missed one is made up for.
    for (let slot = Math.max(done, due - slots); slot < due; slot++) {
      const all = list();
      for (let index = slot % slots; index < all.length; index += slots) {
        const item = all[index];
        if (item !== undefined) work(item);
      }
    }
    done = due;
  }, step);
}
