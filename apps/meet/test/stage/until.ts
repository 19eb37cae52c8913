/** Waiting for conditions, so that no test sleeps for a guessed time. */

/** Milliseconds between two looks. */
const interval = 50;

/**
 * Looks until `look` gives something other than undefined or false, and gives that. Fails after `patience`
 * milliseconds with `what` was waited for and what was seen last.
 */
export async function until<T>(
  what: string,
  look: () => Promise<T | undefined | false> | T | undefined | false,
  patience = 20_000,
  seen: () => unknown = () => undefined,
): Promise<T> {
  const deadline = performance.now() + patience;
  for (;;) {
    const found = await look();
    if (found !== undefined && found !== false) return found;
    if (performance.now() > deadline) {
      throw new Error(`Waited ${patience} ms in vain until ${what}. Last seen: ${JSON.stringify(seen())}`);
    }
    await new Promise((resolve) => setTimeout(resolve, interval));
  }
}
