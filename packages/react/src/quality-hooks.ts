/** One hook per idea about how well the call goes. Each renders again when its own answer changes, not with every sample. */
import type { QualityView, Verdict } from "@satsuma/client";
import { useRoom } from "./context.tsx";
import { useStore } from "./store.ts";

const fine: Verdict = { level: "good", cause: undefined, advice: [] };

/** How well a participant is connected, as far as this page can tell; of oneself, why, and what would help. */
export function useQuality(participant: string): Verdict {
  const room = useRoom();
  return useStore(room.quality, (view) =>
    participant === room.snapshot().me ? view.own : (view.others.get(participant) ?? fine),
  );
}

/** Everything that was measured, every two seconds. */
export function useNetwork(): QualityView {
  return useStore(useRoom().quality, (view) => view);
}

/** How much of one's own camera is held back to keep the call going: 0 is nothing. */
export function useStep(): number {
  return useStore(useRoom().quality, (view) => view.rung);
}
