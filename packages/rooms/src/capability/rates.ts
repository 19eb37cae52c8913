/** A newcomer's rates, or those of somebody who was read back: all that there is to take. */
import { fullBucket } from "../bucket.ts";
import type { Rates } from "../data.ts";
import type { RoomSettings } from "../settings.ts";
import { sampleBurst, stateBurst } from "./reporting.ts";

export function fullRates({ mediaBurst, chatBurst }: RoomSettings, now: number): Rates {
  return {
    media: fullBucket(mediaBurst, now),
    chat: fullBucket(chatBurst, now),
    samples: fullBucket(sampleBurst, now),
    states: fullBucket(stateBurst, now),
  };
}
