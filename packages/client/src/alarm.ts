/** The one timer of a shell: it rings when the core's next deadline is due. */
export class Alarm {
  #timer: ReturnType<typeof setTimeout> | undefined;
  readonly #ring: () => void;

  constructor(ring: () => void) {
    this.#ring = ring;
  }

  set(deadline: number | undefined, now: number): void {
    clearTimeout(this.#timer);
    this.#timer = deadline === undefined ? undefined : setTimeout(this.#ring, Math.max(0, deadline - now));
  }
}
