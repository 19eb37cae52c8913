import { limits } from "./limits.ts";

/** The one alarm of an actor: the time asked for, the tries that failed, and when it is due next. */
export interface Alarm {
  readonly at: number;
  readonly failures: number;
  readonly due: number;
}

/** What the handler is told. */
export interface AlarmInfo {
  readonly retryCount: number;
  readonly isRetry: boolean;
}

export function alarmAt(at: number): Alarm {
  return { at, failures: 0, due: at };
}

/** The alarm after its handler threw, or undefined when its retries are used up. */
export function retried(alarm: Alarm, now: number): Alarm | undefined {
  if (alarm.failures >= limits.alarmRetries) return undefined;
  return { at: alarm.at, failures: alarm.failures + 1, due: now + limits.alarmRetryMs * 2 ** alarm.failures };
}

export function infoOf(alarm: Alarm): AlarmInfo {
  return { retryCount: alarm.failures, isRetry: alarm.failures > 0 };
}
