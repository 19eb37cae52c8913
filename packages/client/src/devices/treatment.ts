/**
 * What others get of one device: its track, or what an effect makes of it.
 *
 * An effect belongs to the device, not to a track: each new track is treated again. One that gave up stays off until it is
 * set anew, so that it never flaps. While it starts, a holding effect keeps the new track back, unless others have just
 * seen the device as it is.
 */
import { type AppliedEffect, type EffectReason, type EffectView, effectReason, type TrackEffect } from "./effect.ts";

export interface Treated {
  /** What to send and show; undefined while there is nothing that may be. */
  readonly sent: MediaStreamTrack | undefined;
  readonly effect: EffectView;
}

const none: EffectView = { state: "none" };

export class Treatment {
  readonly #changed: (treated: Treated) => void;
  #effect: TrackEffect | undefined;
  #source: MediaStreamTrack | undefined;
  #treated: Treated = { sent: undefined, effect: none };
  #enabled = true;
  /** What to say while nothing is treated: nothing, or why not. */
  #idle: EffectView = none;
  /** Those whose track others get, or got until a moment ago. */
  readonly #applied = new Set<AppliedEffect>();
  /** What an effect says of an earlier track, or an earlier effect of this one, is put away. */
  #run = 0;

  constructor(changed: (treated: Treated) => void) {
    this.#changed = changed;
  }

  /** The device gives another track from now on, or none. */
  feed(source: MediaStreamTrack | undefined): void {
    if (source === this.#source) return;
    this.#source = source;
    this.#begin(this.#effect?.holds ? this.#treated.sent : source);
  }

  /** Treats the device so from now on. Whatever came of the effect before is forgotten. */
  set(effect: TrackEffect | undefined): void {
    if (effect === this.#effect && this.#idle === none) return;
    this.#effect = effect;
    this.#idle = none;
    this.#begin(this.#treated.sent);
  }

  /** Whether the sound may be heard. Said to the treated track too, since an effect lets a few milliseconds through after. */
  enable(on: boolean): void {
    this.#enabled = on;
    if (this.#treated.sent) this.#treated.sent.enabled = on;
  }

  /** `meanwhile` is what others get until the effect is there. */
  #begin(meanwhile: MediaStreamTrack | undefined): void {
    this.#run += 1;
    const source = this.#source;
    const effect = this.#effect;
    if (source && effect) {
      this.#tell(meanwhile, { state: "starting" });
      void this.#apply(source, effect, this.#run);
    } else this.#tell(source, this.#idle);
  }

  async #apply(source: MediaStreamTrack, effect: TrackEffect, run: number): Promise<void> {
    let applied: AppliedEffect;
    try {
      applied = await effect.apply(source);
    } catch (thrown) {
      return this.#giveUp(source, run, effectReason(thrown));
    }
    if (run !== this.#run) return applied.stop();
    this.#applied.add(applied);
    applied.track.enabled = this.#enabled;
    this.#tell(applied.track, { state: "on" });
    this.#giveUp(source, run, await applied.over);
  }

  #giveUp(source: MediaStreamTrack, run: number, reason: EffectReason): void {
    if (run !== this.#run) return;
    this.#effect = undefined;
    this.#idle = { state: "off", reason };
    this.#tell(source, this.#idle);
  }

  #tell(sent: MediaStreamTrack | undefined, effect: EffectView): void {
    this.#treated = { sent, effect };
    this.#changed(this.#treated);
    for (const applied of this.#applied) {
      if (applied.track === sent) continue;
      this.#applied.delete(applied);
      applied.stop();
    }
  }
}
