/** The one timer of a shell: it rings when the core's next deadline is due. */
/** The most milliseconds that a timer holds; whoever is woken early sets it again. */
const longest = 2 ** 31 - 1;

export class Alarm {
  #timer: ReturnType<typeof setTimeout> | undefined;
  readonly #ring: () => void;

  constructor(ring: () => void) {
    this.#ring = ring;
  }

  set(deadline: number | undefined, now: number): void {
    clearTimeout(this.#timer);
    const after = deadline === undefined ? undefined : Math.min(longest, Math.max(0, deadline - now));
    this.#timer = after === undefined ? undefined : setTimeout(this.#ring, after);
  }
}
