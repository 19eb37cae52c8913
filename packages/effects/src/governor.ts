/**
 * Whether an effect may go on as it does: what it takes of its thread's time goes in, how much of it to do comes out. Pure.
 *
 * Steps down quickly and up slowly, more slowly each time that going up did not hold, so that it never flaps. Off is final.
 */
export interface Budget {
  /** The share of a thread's time that the effect may take. Default 0.6: the encoder wants the rest of a core. */
  readonly share: number;
  /** Milliseconds over which the share is taken. Default 2000. */
  readonly window: number;
  /** Milliseconds at the start that count for nothing: programs are still being compiled. Default 3000. */
  readonly grace: number;
}

export const defaultBudget: Budget = { share: 0.6, window: 2000, grace: 3000 };

/** How much is done, in order of what it costs. */
export interface Pacing {
  /** Of so many pictures of the camera one is shown. */
  readonly show: number;
  /** Of so many that are shown the person is looked for in one; for the others they are where they were. */
  readonly look: number;
}

export const pacings = [
  { show: 1, look: 1 },
  { show: 1, look: 2 },
  { show: 1, look: 3 },
  { show: 2, look: 2 },
] as const satisfies readonly Pacing[];

export type Verdict = Pacing | "too-weak";

/** Windows in a row that must be over the budget: one alone is another program that just started. */
const strikes = 2;

/** Windows in a row that must have much to spare before more is tried, at first and at the most. */
const calm = { first: 15, most: 240 } as const;

/** The next better pacing costs a bit more than twice as much at the most; below this share of the budget there is room for it. */
const roomy = 0.4;

/** Pictures that a window waits for, so that one slow picture of a slow camera is not taken for all. */
const fewest = 3;

export class Governor {
  readonly #budget: Budget;
  #step = 0;
  #began: number | undefined;
  #windowEnd = 0;
  #busy = 0;
  #pictures = 0;
  #over = 0;
  #spare = 0;
  #calm: number = calm.first;
  /** Whether the present pacing was stepped up to and has not yet shown that it holds. */
  #trying = false;

  constructor(budget: Budget) {
    this.#budget = budget;
  }

  /** A picture took `cost` milliseconds of work and was done at `now`. */
  handle(cost: number, now: number): Verdict {
    const { window, grace } = this.#budget;
    if (this.#began === undefined) {
      this.#began = now;
      this.#windowEnd = now + grace + window;
    }
    if (now < this.#began + grace) return this.#pacing();
    this.#busy += cost;
    this.#pictures += 1;
    if (now < this.#windowEnd || this.#pictures < fewest) return this.#pacing();
    // A window that nothing ended, since too few pictures came, is as long as it was.
    const share = this.#busy / (window + (now - this.#windowEnd));
    this.#windowEnd = now + window;
    this.#busy = 0;
    this.#pictures = 0;
    return this.#judge(share);
  }

  #judge(share: number): Verdict {
    const { share: most } = this.#budget;
    this.#over = share > most ? this.#over + 1 : 0;
    this.#spare = share < most * roomy ? this.#spare + 1 : 0;
    if (this.#over >= strikes) return this.#down();
    if (this.#step > 0 && this.#spare >= this.#calm) this.#up();
    return this.#pacing();
  }

  #down(): Verdict {
    this.#over = 0;
    this.#spare = 0;
    if (this.#step === pacings.length - 1) return "too-weak";
    if (this.#trying) this.#calm = Math.min(calm.most, this.#calm * 2);
    this.#trying = false;
    this.#step += 1;
    return this.#pacing();
  }

  #up(): void {
    this.#spare = 0;
    this.#trying = true;
    this.#step -= 1;
  }

  #pacing(): Pacing {
    return pacings[this.#step] as Pacing;
  }
}
