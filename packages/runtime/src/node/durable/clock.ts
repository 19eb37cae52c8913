import type { Clock } from "@satsuma/durable";

/** Node's timers fire at once for a delay above this (Node docs, setTimeout). */
const longest = 2 ** 31 - 1;

export const systemClock: Clock = {
  now: Date.now,
  wake(at, run) {
    let timer: NodeJS.Timeout;
    const look = () => {
      const left = at - Date.now();
      if (left <= 0) run();
      else timer = setTimeout(look, Math.min(left, longest));
    };
    timer = setTimeout(look, Math.min(Math.max(at - Date.now(), 0), longest));
    return () => clearTimeout(timer);
  },
};
