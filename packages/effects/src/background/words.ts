/** What a page and its background worker say to each other. One worker treats one track at a time; a run is one such track. */
import type { EffectReason } from "@satsuma/client";
import type { Budget, Pacing } from "../governor.ts";

export type WorkerLook =
  | { readonly kind: "blur"; readonly strength: number }
  | { readonly kind: "image"; readonly image: ImageBitmap };

export type ToWorker =
  | { readonly ask: "look"; readonly look: WorkerLook }
  | {
      readonly ask: "start";
      readonly run: number;
      readonly pictures: ReadableStream<VideoFrame>;
      readonly treated: WritableStream<VideoFrame>;
      readonly budget: Budget;
    }
  | { readonly ask: "stop"; readonly run: number };

export type FromWorker =
  | { readonly told: "loaded" }
  | { readonly told: "not-loaded"; readonly why: string }
  /** The first treated picture is on its way. */
  | { readonly told: "flowing"; readonly run: number }
  | { readonly told: "over"; readonly run: number; readonly reason: EffectReason; readonly why: string }
  | { readonly told: "pace"; readonly run: number; readonly pace: Pace };

/** How it goes, over the last two seconds or so. */
export interface Pace {
  readonly pacing: Pacing;
  readonly width: number;
  readonly height: number;
  /** Pictures treated a second. */
  readonly pictures: number;
  /** Milliseconds of work for one picture, in the mean. */
  readonly cost: number;
}
