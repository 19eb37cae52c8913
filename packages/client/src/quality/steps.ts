/**
 * How much of the own camera to send when the network or the machine cannot bear it all: a ladder, one step at a time.
 *
 * First the size goes down, then the frame rate, then the picture altogether, so that the sound stays. Going down takes
 * a while of trouble, going up a longer while of peace; a step up that brings the trouble back makes the next try wait
 * twice as long, so nothing flaps. Pure: findings and the time go in, the step comes out.
 */
export interface Step {
  /** Pixels of height above which no layer is sent; undefined for all. */
  readonly height: number | undefined;
  /** Frames per second at the most; undefined for all. */
  readonly frameRate: number | undefined;
  /** Whether a picture is sent at all. */
  readonly video: boolean;
}

export const ladder: readonly Step[] = [
  { height: undefined, frameRate: undefined, video: true },
  { height: 400, frameRate: undefined, video: true },
  { height: 400, frameRate: 15, video: true },
  { height: 200, frameRate: 10, video: true },
  { height: 200, frameRate: undefined, video: false },
];

export interface StepsOptions {
  /** Milliseconds of trouble before a step down. Default 6 s: the browser's own estimate has settled by then. */
  readonly downAfter?: number;
  /** Milliseconds of peace before a step up. Default 15 s. */
  readonly upAfter?: number;
  /** The most that failed steps up may lengthen that to. Default 2 minutes. */
  readonly upAtMost?: number;
}

export type Strain = "none" | "some" | "much";

export class Steps {
  readonly #downAfter: number;
  readonly #upAfter: number;
  readonly #upAtMost: number;
  #rung = 0;
  #since: number | undefined;
  #strain: Strain = "some";
  #patience: number;
  #wentUpAt: number | undefined;

  constructor(options: StepsOptions = {}) {
    this.#downAfter = options.downAfter ?? 6_000;
    this.#upAfter = options.upAfter ?? 15_000;
    this.#upAtMost = options.upAtMost ?? 120_000;
    this.#patience = this.#upAfter;
  }

  get step(): Step {
    return ladder[this.#rung] as Step;
  }

  /** 0 sends everything; one more is one step down. */
  get rung(): number {
    return this.#rung;
  }

  /** `some` strain is borne: neither down nor up. */
  handle(strain: Strain, now: number): Step {
    if (strain !== this.#strain) {
      this.#strain = strain;
      this.#since = now;
    }
    const lasted = now - (this.#since ?? now);
    this.#since ??= now;
    if (strain === "much" && lasted >= this.#downAfter && this.#rung < ladder.length - 1) this.#down(now);
    else if (strain === "none" && lasted >= this.#patience && this.#rung > 0) this.#up(now);
    return this.step;
  }

  #down(now: number): void {
    const soon = this.#wentUpAt !== undefined && now - this.#wentUpAt < this.#patience;
    this.#patience = soon ? Math.min(this.#upAtMost, this.#patience * 2) : this.#upAfter;
    this.#wentUpAt = undefined;
    this.#rung += 1;
    this.#since = now;
  }

  #up(now: number): void {
    this.#wentUpAt = now;
    this.#rung -= 1;
    this.#since = now;
  }
}
