/** The shell of the reporter: looks at the connection and at its quality when they change, and says what is due. */
import type { ConnectionStates, Report } from "@satsuma/protocol";
import { Alarm } from "../alarm.ts";
import type { QualityView } from "../quality/monitor.ts";
import { Reporter } from "./reporter.ts";
import { type Label, reportable } from "./sample.ts";

export interface Reported {
  readonly quality: () => QualityView;
  /** Of the present connection, by words that cost nothing to read. */
  readonly media: () => ConnectionStates & { readonly session: string | undefined };
  readonly labels: () => ReadonlyMap<string, Label>;
  /** False while the room does not hear. */
  readonly heard: () => boolean;
  readonly report: (report: Report) => void;
}

export class Reporting {
  readonly #reported: Reported;
  readonly #reporter = new Reporter();
  readonly #alarm = new Alarm(() => this.#say());
  #closed = false;

  constructor(reported: Reported) {
    this.#reported = reported;
  }

  /** The quality was measured anew. */
  measured(): void {
    const { own, sample } = this.#reported.quality();
    const verdict = { quality: own.level, cause: own.cause };
    this.#reporter.sampled(reportable(verdict, sample, this.#reported.labels()), performance.now());
    this.changed();
  }

  /** The connection, or the way to the room, is another. */
  changed(): void {
    const { session: _, ...states } = this.#reported.media();
    this.#reporter.states(states);
    this.#say();
  }

  close(): void {
    this.#closed = true;
    this.#alarm.set(undefined, 0);
  }

  #say(): void {
    if (this.#closed || !this.#reported.heard()) {
      this.#alarm.set(undefined, 0);
      return;
    }
    const now = performance.now();
    const due = this.#reporter.next(now);
    this.#alarm.set(this.#reporter.nextDeadline(), now);
    if (due === undefined) return;
    const { session } = this.#reported.media();
    this.#reported.report({ ...(session !== undefined && { session }), ...due });
  }
}
