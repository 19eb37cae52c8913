import type { Clock } from "@satsuma/durable";

/** Time stands still while a Worker computes, and moves at its input and output. */
export const workersClock: Clock = {
  now: () => Date.now(),
  wake(at, run) {
    let timer: ReturnType<typeof setTimeout>;
    const look = () => {
      const left = at - Date.now();
      if (left <= 0) run();
      else timer = setTimeout(look, left);
    };
    timer = setTimeout(look, Math.max(at - Date.now(), 0));
    return () => clearTimeout(timer);
  },
};
