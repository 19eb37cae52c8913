/**
 * The quality of a call as a pure core: samples and the time go in, verdicts come out, and events where they change.
 *
 * Knows tracks by key and participants by id; where samples come from, and what is done about a dead track or a step
 * down, is its shell's business (watch.ts).
 */
import { Alarms, type QualityAlert } from "./alarms.ts";
import { Averages, type Smoothed } from "./averages.ts";
import { type Grade, usual, worst, worstBut } from "./gauge.ts";
import { Grading } from "./grading.ts";
import type { ConnectionSample, TrackSample } from "./sample.ts";
import { type Step, Steps, type StepsOptions, type Strain } from "./steps.ts";
import { defaultThresholds, type Thresholds } from "./thresholds.ts";
import { fine, type Level, otherVerdict, ownVerdict, type Verdict } from "./verdict.ts";

/** A track that this page receives and expects to hear or see something of. */
export interface Expected {
  /** As in `TrackSample`. */
  readonly key: string;
  readonly participant: string;
  /** A still screen is no stutter, so frame rates count for cameras only. */
  readonly camera: boolean;
}

export interface Circumstances {
  readonly connected: boolean;
  /** A device that is on gives nothing. */
  readonly device: boolean;
  readonly expected: readonly Expected[];
  /** What others say of their own connections, by participant. */
  readonly reported: ReadonlyMap<string, Level>;
}

export interface QualityView extends Smoothed {
  readonly own: Verdict;
  /** By participant; who is not in here is well, or nothing of theirs is received. */
  readonly others: ReadonlyMap<string, Verdict>;
  /** The newest sample, with every track of it. */
  readonly sample: ConnectionSample | undefined;
  /** How much of the camera is sent; 0 is all of it. */
  readonly rung: number;
}

export type QualityEvent =
  | { readonly event: "alert"; readonly alert: QualityAlert }
  | { readonly event: "cleared"; readonly alert: QualityAlert }
  /** Nothing has come on it for `deadAfter`: it is to be pulled again. Told once for each silence. */
  | { readonly event: "dead"; readonly key: string; readonly participant: string }
  | { readonly event: "stepped"; readonly step: Step; readonly down: boolean };

export interface MonitorOptions {
  readonly thresholds?: Thresholds;
  readonly steps?: StepsOptions;
  /** Milliseconds without a byte after which a received track counts as dead. Default 10 s, as in Orange. */
  readonly deadAfter?: number;
}

interface Heard {
  readonly grading: Grading;
  bytesAt: number;
  dead: boolean;
}

/** Milliseconds that the encoder must blame the processor before it is believed. */
const cpuAfter = 6_000;

export class Monitor {
  readonly #thresholds: Thresholds;
  readonly #deadAfter: number;
  readonly #steps: Steps;
  readonly #up: Grading;
  readonly #heard = new Map<string, Heard>();
  readonly #alarms = new Alarms();
  readonly #averages = new Averages();
  #cpuSince: number | undefined;
  #view: QualityView = {
    own: fine,
    others: new Map(),
    lossIn: 0,
    lossOut: 0,
    availableOutgoing: undefined,
    sample: undefined,
    rung: 0,
  };

  constructor(options: MonitorOptions = {}) {
    this.#thresholds = options.thresholds ?? defaultThresholds;
    this.#deadAfter = options.deadAfter ?? 10_000;
    this.#steps = new Steps(options.steps);
    this.#up = new Grading(this.#thresholds);
  }

  view(): QualityView {
    return this.#view;
  }

  get step(): Step {
    return this.#steps.step;
  }

  /** `sample` is undefined while there is no connection to look at. */
  handle(sample: ConnectionSample | undefined, circumstances: Circumstances, now: number): QualityEvent[] {
    if (sample === undefined) return this.#lost(now);
    const events: QualityEvent[] = [];
    const received = new Map(sample.received.map((track) => [track.key, track]));
    const grades = this.#listen(received, circumstances.expected, now, events);
    const down = usual([...grades.values()].map(({ grade }) => grade));
    const up = this.#up.handle(upReadings(sample), now).grade;
    const cpu = this.#strained(sample, now);
    const own = ownVerdict({ connected: circumstances.connected, device: circumstances.device, up, down, cpu });
    const others = this.#judge(grades, circumstances.reported);
    events.push(...this.#alarms.handle(own, others, now));
    this.#climb(strainOf(up, cpu, sample), now, events);
    this.#view = { own, others, ...this.#averages.handle(sample), sample, rung: this.#steps.rung };
    return events;
  }

  /** Nothing is known of anybody then, so whatever was said of the others stands. */
  #lost(now: number): QualityEvent[] {
    const own = ownVerdict({ connected: false, device: false, up: "good", down: "good", cpu: false });
    this.#view = { ...this.#view, own, sample: undefined };
    for (const heard of this.#heard.values()) heard.bytesAt = now;
    return this.#alarms.handle(own, this.#view.others, now);
  }

  /** Grades what is received, by participant, and finds what has stopped coming. */
  #listen(
    received: ReadonlyMap<string, TrackSample>,
    expected: readonly Expected[],
    now: number,
    events: QualityEvent[],
  ): Map<string, { grade: Grade; silent: boolean }> {
    const grades = new Map<string, { grade: Grade; silent: boolean }>();
    const keys = new Set(expected.map(({ key }) => key));
    for (const key of this.#heard.keys()) if (!keys.has(key)) this.#heard.delete(key);
    for (const { key, participant, camera } of expected) {
      const track = received.get(key);
      const heard = this.#heard.get(key) ?? { grading: new Grading(this.#thresholds), bytesAt: now, dead: false };
      this.#heard.set(key, heard);
      if (track !== undefined && track.bitrate > 0) {
        heard.bytesAt = now;
        heard.dead = false;
      } else if (!heard.dead && now - heard.bytesAt >= this.#deadAfter) {
        heard.dead = true;
        events.push({ event: "dead", key, participant });
      }
      const { grade } = heard.grading.handle(track === undefined ? {} : downReadings(track, camera), now);
      const known = grades.get(participant);
      grades.set(participant, {
        grade: worst(grade, known?.grade ?? "good"),
        silent: heard.dead || (known?.silent ?? false),
      });
    }
    return grades;
  }

  #judge(
    grades: ReadonlyMap<string, { readonly grade: Grade; readonly silent: boolean }>,
    reported: ReadonlyMap<string, Level>,
  ): ReadonlyMap<string, Verdict> {
    const others = new Map<string, Verdict>();
    const worstOfOthers = worstBut(Array.from(grades.values(), ({ grade }) => grade));
    for (const participant of new Set([...grades.keys(), ...reported.keys()])) {
      const { grade: received, silent } = grades.get(participant) ?? { grade: "good", silent: false };
      // Of whom nothing is received, all that is received is the others'; one that is good takes nothing from the worst.
      const rest = worstOfOthers(received);
      const verdict = otherVerdict({ received, silent, reported: reported.get(participant), others: rest });
      const before = this.#view.others.get(participant);
      others.set(participant, before !== undefined && same(before, verdict) ? before : verdict);
    }
    return others;
  }

  #strained(sample: ConnectionSample, now: number): boolean {
    const blamed = sample.sent.some(({ limitation }) => limitation === "cpu");
    this.#cpuSince = blamed ? (this.#cpuSince ?? now) : undefined;
    return this.#cpuSince !== undefined && now - this.#cpuSince >= cpuAfter;
  }

  #climb(strain: Strain, now: number, events: QualityEvent[]): void {
    const before = this.#steps.rung;
    const step = this.#steps.handle(strain, now);
    if (this.#steps.rung !== before) events.push({ event: "stepped", step, down: this.#steps.rung > before });
  }
}

function upReadings({ sent, lossOut, roundTrip }: ConnectionSample) {
  const jitter = sent.flatMap((track) => track.jitter ?? []);
  return { loss: lossOut, roundTrip, jitter: jitter.length === 0 ? undefined : Math.max(...jitter) };
}

function downReadings({ loss, jitter, frozen, concealed, frameRate }: TrackSample, camera: boolean) {
  return { loss, jitter, frozen, concealed, frameRate: camera ? frameRate : undefined };
}

/** The browser lowers its own bitrate first; only what it cannot mend that way is worth a step. */
function strainOf(up: Grade, cpu: boolean, { sent }: ConnectionSample): Strain {
  if (up === "poor" || cpu) return "much";
  const limited = sent.some(({ limitation }) => limitation === "cpu" || limitation === "bandwidth");
  return up === "good" && !limited ? "none" : "some";
}

function same(a: Verdict, b: Verdict): boolean {
  return a.level === b.level && a.cause === b.cause;
}
