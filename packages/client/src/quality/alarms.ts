/**
 * Alerts: raised once when somebody's quality becomes bad, cleared once when it is bearable again.
 */
import type { QualityEvent } from "./monitor.ts";
import type { Cause, Level, Verdict } from "./verdict.ts";

export interface QualityAlert {
  /** Undefined for one's own connection. */
  readonly participant: string | undefined;
  /** As it was when the alert was raised. */
  readonly level: Level;
  readonly cause: Cause | undefined;
  /** Milliseconds, on the clock of the monitor. */
  readonly since: number;
}

export class Alarms {
  readonly #raised = new Map<string | undefined, QualityAlert>();

  handle(own: Verdict, others: ReadonlyMap<string, Verdict>, now: number): QualityEvent[] {
    const events: QualityEvent[] = [];
    const verdicts = new Map<string | undefined, Verdict>([[undefined, own], ...others]);
    for (const [participant, { level, cause }] of verdicts) {
      if (this.#raised.has(participant) || !isAlarming(level)) continue;
      const alert = { participant, level, cause, since: now };
      this.#raised.set(participant, alert);
      events.push({ event: "alert", alert });
    }
    for (const [participant, alert] of this.#raised) {
      const verdict = verdicts.get(participant);
      if (verdict !== undefined && isAlarming(verdict.level)) continue;
      this.#raised.delete(participant);
      events.push({ event: "cleared", alert });
    }
    return events;
  }
}

function isAlarming(level: Level): boolean {
  return level === "poor" || level === "lost";
}
