/**
 * The shell of the needs: elements that show pictures, their size and whether they are in sight, become views.
 *
 * Holds what a core cannot: observers of the page, and the one timer.
 */
import { Alarm } from "../alarm.ts";
import { type Candidate, Needs, type NeedsOptions, type Wanted } from "./needs.ts";

export interface ViewingOptions extends NeedsOptions {
  readonly changed: () => void;
}

export class Viewing {
  readonly #needs: Needs;
  readonly #changed: () => void;
  readonly #alarm = new Alarm(() => this.#do((now) => this.#needs.wake(now)));
  readonly #onVisibility = () => this.#do((now) => this.#needs.hide(document.visibilityState === "hidden", now));
  #lastView = 0;
  #told: readonly Wanted[] = [];

  constructor(options: ViewingOptions) {
    this.#needs = new Needs(options);
    this.#changed = options.changed;
  }

  get wanted(): readonly Wanted[] {
    return this.#needs.wanted;
  }

  start(): void {
    document.addEventListener("visibilitychange", this.#onVisibility);
  }

  close(): void {
    document.removeEventListener("visibilitychange", this.#onVisibility);
    this.#alarm.set(undefined, 0);
  }

  offered(candidates: readonly Candidate[]): void {
    this.#do((now) => this.#needs.offered(candidates, now));
  }

  speaking(participants: Iterable<string>): void {
    this.#do((now) => this.#needs.speaking(participants, now));
  }

  /** The element shows this picture until the returned function is called. */
  view(element: Element, key: string): () => void {
    this.#lastView += 1;
    const id = this.#lastView;
    let seen = true;
    let height = 0;
    const tell = () => this.#do((now) => this.#needs.view(id, { key, height: seen ? height : 0 }, now));
    const sizes = new ResizeObserver(([entry]) => {
      height = (entry?.contentRect.height ?? 0) * devicePixelRatio;
      tell();
    });
    const sights = new IntersectionObserver(([entry]) => {
      seen = entry?.isIntersecting ?? true;
      tell();
    });
    height = element.clientHeight * devicePixelRatio;
    tell();
    sizes.observe(element);
    sights.observe(element);
    return () => {
      sizes.disconnect();
      sights.disconnect();
      this.#do((now) => this.#needs.view(id, undefined, now));
    };
  }

  #do(step: (now: number) => void): void {
    const now = performance.now();
    step(now);
    this.#alarm.set(this.#needs.nextDeadline(), now);
    const { wanted } = this.#needs;
    if (wanted === this.#told) return;
    this.#told = wanted;
    this.#changed();
  }
}
