/**
 * The grade of one stream of values a metric: a smoothed value against its thresholds.
 *
 * A metric that is not told for a while keeps its grade; one that was never told is good.
 */
import { Ewma } from "./ewma.ts";
import { Gauge, type Grade, isWorse } from "./gauge.ts";
import type { Metric, Thresholds } from "./thresholds.ts";

/** Milliseconds after which a value counts half, as in Orange's warning of high loss. */
const halfLife = 2_000;

export type Readings = Partial<Record<Metric, number | undefined>>;

export interface Graded {
  readonly grade: Grade;
  /** The metric that is worst; undefined while all is good. */
  readonly metric: Metric | undefined;
}

export class Grading {
  readonly #thresholds: Thresholds;
  readonly #metrics = new Map<Metric, { readonly average: Ewma; readonly gauge: Gauge }>();

  constructor(thresholds: Thresholds) {
    this.#thresholds = thresholds;
  }

  handle(readings: Readings, now: number): Graded {
    for (const [metric, value] of Object.entries(readings) as [Metric, number | undefined][]) {
      if (value !== undefined) this.#read(metric, value, now);
    }
    let worst: Graded = { grade: "good", metric: undefined };
    for (const [metric, { gauge }] of this.#metrics) {
      if (isWorse(gauge.grade, worst.grade)) worst = { grade: gauge.grade, metric };
    }
    return worst;
  }

  /** The smoothed value; undefined before the first. */
  value(metric: Metric): number | undefined {
    return this.#metrics.get(metric)?.average.value;
  }

  #read(metric: Metric, value: number, now: number): void {
    const known = this.#metrics.get(metric);
    if (known !== undefined) {
      known.gauge.handle(known.average.handle(value, now), now);
      return;
    }
    const { worseAfter, betterAfter } = this.#thresholds;
    const average = new Ewma(halfLife, now, value);
    const gauge = new Gauge({ ...this.#thresholds[metric], worseAfter, betterAfter });
    gauge.handle(value, now);
    this.#metrics.set(metric, { average, gauge });
  }
}
