/** From which value on something is fair or poor: one place, each figure with its reason, all of it replaceable. */
import type { Threshold } from "./gauge.ts";

export interface Thresholds {
  /** Of packets, from 0 to 1. Retransmission hides 3 % from people; above 8 % the picture stands still. */
  readonly loss: { readonly fair: Threshold; readonly poor: Threshold };
  /** Milliseconds. ITU-T G.114: up to 150 one way nobody notices, above 400 both ways people interrupt each other. */
  readonly roundTrip: { readonly fair: Threshold; readonly poor: Threshold };
  /** Milliseconds. The jitter buffer hides 30; above 60 the delay it adds is heard. */
  readonly jitter: { readonly fair: Threshold; readonly poor: Threshold };
  /** Part of the time that a picture stood still. One second in fifty is seen, one in ten annoys. */
  readonly frozen: { readonly fair: Threshold; readonly poor: Threshold };
  /** Part of the sound that was made up. Above a tenth words are lost. */
  readonly concealed: { readonly fair: Threshold; readonly poor: Threshold };
  /** Frames per second of a camera: below 12 movement stutters, below 5 it is a row of pictures. */
  readonly frameRate: { readonly fair: Threshold; readonly poor: Threshold };
  /** Milliseconds that a grade must hold before it is believed: trouble soon, relief later, so that nothing flickers. */
  readonly worseAfter: number;
  readonly betterAfter: number;
}

export type Metric = Exclude<keyof Thresholds, "worseAfter" | "betterAfter">;

export const defaultThresholds: Thresholds = {
  loss: { fair: { enter: 0.03, leave: 0.02 }, poor: { enter: 0.08, leave: 0.05 } },
  roundTrip: { fair: { enter: 300, leave: 250 }, poor: { enter: 600, leave: 450 } },
  jitter: { fair: { enter: 30, leave: 20 }, poor: { enter: 60, leave: 45 } },
  frozen: { fair: { enter: 0.02, leave: 0.01 }, poor: { enter: 0.1, leave: 0.05 } },
  concealed: { fair: { enter: 0.03, leave: 0.015 }, poor: { enter: 0.1, leave: 0.06 } },
  frameRate: { fair: { enter: 12, leave: 14 }, poor: { enter: 5, leave: 7 } },
  worseAfter: 4_000,
  betterAfter: 8_000,
};
