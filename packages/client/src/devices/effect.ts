/**
 * What may be done to a device's track before others get it, as a port: another background, a voice without noise.
 *
 * The client knows none of them and ships none; `@satsuma/effects` does, and so may an app.
 */
export type EffectReason =
  /** The browser lacks what the effect is made of. */
  | "effect-unsupported"
  /** Its program or model could not be fetched. */
  | "effect-not-loaded"
  /** A background that is no picture. */
  | "image-unreadable"
  /** It takes more of this machine than it may. */
  | "machine-too-weak"
  /** It broke. */
  | "effect-failed";

export class EffectError extends Error {
  readonly code: EffectReason;

  constructor(code: EffectReason, options?: ErrorOptions) {
    super(code, options);
    this.name = "EffectError";
    this.code = code;
  }
}

export interface TrackEffect {
  /** Whether the untreated track is better kept back until the effect is there, as where it hides something. */
  readonly holds: boolean;
  /** Makes another track of this one, which goes on being the caller's. Rejects with an `EffectError`. */
  apply(source: MediaStreamTrack): Promise<AppliedEffect>;
}

export interface AppliedEffect {
  readonly track: MediaStreamTrack;
  /** Resolves when the effect gave up by itself, with the reason; never when its source ended or `stop` was called. */
  readonly over: Promise<EffectReason>;
  /** Ends the track. Idempotent. */
  stop(): void;
}

export type EffectView =
  | { readonly state: "none" }
  | { readonly state: "starting" }
  | { readonly state: "on" }
  /** Wanted, but not there; others get the device as it is. */
  | { readonly state: "off"; readonly reason: EffectReason };

export function effectReason(thrown: unknown): EffectReason {
  return thrown instanceof EffectError ? thrown.code : "effect-failed";
}
