/**
 * A value against its thresholds: good, fair or poor, without flicker.
 *
 * Each threshold has two sides, one to cross on the way to worse and a milder one on the way back, and each way takes
 * time: what is crossed for a moment only changes nothing.
 */

/** From best to worst. */
export type Grade = "good" | "fair" | "poor";

export interface Threshold {
  /** At this value or beyond it is this bad. */
  readonly enter: number;
  /** Back on the good side of this value it no longer is. */
  readonly leave: number;
}

export interface GaugeOptions {
  readonly fair: Threshold;
  readonly poor: Threshold;
  /** Milliseconds that a threshold must stay crossed before the grade gets worse. */
  readonly worseAfter: number;
  /** Milliseconds before it gets better. Longer, so that relief is believed later than trouble. */
  readonly betterAfter: number;
}

export class Gauge {
  readonly #options: GaugeOptions;
  /** 1 where more is worse, -1 where less is. */
  readonly #sign: 1 | -1;
  #grade: Grade = "good";
  #pending: { readonly grade: Grade; readonly since: number } | undefined;

  constructor(options: GaugeOptions) {
    this.#options = options;
    this.#sign = options.poor.enter >= options.fair.enter ? 1 : -1;
  }

  get grade(): Grade {
    return this.#grade;
  }

  handle(value: number, now: number): Grade {
    const next = this.#towards(value);
    if (next === this.#grade) {
      this.#pending = undefined;
      return this.#grade;
    }
    if (this.#pending === undefined || isWorse(next, this.#grade) !== isWorse(this.#pending.grade, this.#grade)) {
      this.#pending = { grade: next, since: now };
    } else {
      this.#pending = { grade: next, since: this.#pending.since };
    }
    const { worseAfter, betterAfter } = this.#options;
    const patience = isWorse(next, this.#grade) ? worseAfter : betterAfter;
    if (now - this.#pending.since < patience) return this.#grade;
    this.#grade = next;
    this.#pending = undefined;
    return this.#grade;
  }

  #towards(value: number): Grade {
    const { fair, poor } = this.#options;
    const beyond = (limit: number) => (value - limit) * this.#sign >= 0;
    if (beyond(this.#grade === "poor" ? poor.leave : poor.enter)) return "poor";
    if (beyond(this.#grade === "good" ? fair.enter : fair.leave)) return "fair";
    return "good";
  }
}

const order: readonly Grade[] = ["good", "fair", "poor"];

export function isWorse(a: Grade, b: Grade): boolean {
  return order.indexOf(a) > order.indexOf(b);
}

export function worst(...grades: readonly Grade[]): Grade {
  return grades.reduce((known, grade) => (isWorse(grade, known) ? grade : known), "good");
}

/**
 * The worst grade of all but one: of everybody else, for each of many, without a look at all of them each time. Of none,
 * good.
 */
export function worstBut(grades: Iterable<Grade>): (one: Grade) => Grade {
  let first: Grade = "good";
  let second: Grade = "good";
  for (const grade of grades) {
    if (!isWorse(grade, first)) {
      if (isWorse(grade, second)) second = grade;
      continue;
    }
    second = first;
    first = grade;
  }
  return (one) => (one === first ? second : first);
}

/** The grade that at least half of them have or exceed: one bad sender is not a bad network. Of none, good. */
export function usual(grades: readonly Grade[]): Grade {
  const sorted = [...grades].sort((a, b) => order.indexOf(a) - order.indexOf(b));
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? "good";
}
