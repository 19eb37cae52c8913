/** Keeps a phone's screen on during a call, where the browser lets pages ask for that. */
import { useEffect } from "react";

export function useWakeLock(): void {
  useEffect(() => {
    if (!("wakeLock" in navigator)) return;
    let lock: WakeLockSentinel | undefined;
    let over = false;
    const ask = async () => {
      if (document.visibilityState !== "visible") return;
      try {
        lock = await navigator.wakeLock.request("screen");
        if (over) await lock.release();
      } catch {
        // A low battery or a policy forbids it; the call goes on all the same.
      }
    };
    // The system takes the lock away from a hidden page, so it is asked for again.
    document.addEventListener("visibilitychange", ask);
    void ask();
    return () => {
      over = true;
      document.removeEventListener("visibilitychange", ask);
      void lock?.release();
    };
  }, []);
}
