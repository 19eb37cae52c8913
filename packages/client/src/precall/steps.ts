/**
 * What is tried before a call, in which order, and what the results mean. Pure: results go in, steps with a word come out.
 */
import type { DeviceErrorCode } from "../devices/errors.ts";

export type PrecallStepName = "devices" | "server" | "media" | "relay" | "bandwidth";

export type PrecallCode =
  /** Neither microphone nor camera, for the reason in front. */
  | DeviceErrorCode
  /** There is nothing to send, since the person has switched it off. */
  | "switched-off"
  /** One of microphone and camera works. */
  | "one-device"
  /** The room server did not let this page in within the time. */
  | "server-unreachable"
  /** No media connection came up within the time. */
  | "media-blocked"
  /** The relay gave no address. */
  | "relay-unreachable"
  /** The app names no relay. */
  | "no-relay"
  /** A step that this one needs did not pass. */
  | "not-tried"
  /** Nothing that was sent came back. */
  | "nothing-came-back"
  | "loss"
  | "delay"
  | "narrow";

export type PrecallAdvice = "check-device" | "check-network" | "ask-administrator" | "move-closer" | "turn-off-video";

export interface PathMeasured {
  /** From 0 to 1, of the packets sent to oneself. */
  readonly loss: number;
  /** Milliseconds to the media server and back; undefined before the first report. */
  readonly roundTrip: number | undefined;
  /** bits/s that came back. */
  readonly received: number;
  /** bits/s that the browser thinks it could send; undefined where it does not tell. */
  readonly available: number | undefined;
}

export type PrecallVerdict =
  | { readonly result: "passed" }
  | { readonly result: "warned" | "failed"; readonly code: PrecallCode; readonly advice: PrecallAdvice }
  | { readonly result: "skipped"; readonly code: PrecallCode };

export type PrecallStep = { readonly step: PrecallStepName; readonly measured?: PathMeasured } & (
  | { readonly result: "waiting" | "running" }
  | PrecallVerdict
);

export const precallSteps: readonly PrecallStep[] = (["devices", "server", "media", "relay", "bandwidth"] as const).map(
  (step) => ({ step, result: "waiting" }),
);

/** Above these a call suffers: what people notice, and what one small picture with sound needs. */
const bounds = { loss: 0.03, roundTrip: 400, available: 250_000 };

const needs: Partial<Record<PrecallStepName, PrecallStepName>> = { media: "server", bandwidth: "media" };

export function began(steps: readonly PrecallStep[], step: PrecallStepName): readonly PrecallStep[] {
  return steps.map((known) => (known.step === step ? { step, result: "running" } : known));
}

/** Notes a result; what cannot be tried any more because of it is skipped. */
export function settled(
  steps: readonly PrecallStep[],
  step: PrecallStepName,
  verdict: PrecallVerdict,
  measured?: PathMeasured,
): readonly PrecallStep[] {
  const ok = verdict.result === "passed" || verdict.result === "warned";
  let next = steps.map((known) => (known.step === step ? { step, ...verdict, ...(measured && { measured }) } : known));
  if (ok) return next;
  for (const { step: later } of steps) {
    if (needs[later] === step) next = [...settled(next, later, { result: "skipped", code: "not-tried" })];
  }
  return next;
}

export function isOver(steps: readonly PrecallStep[]): boolean {
  return steps.every(({ result }) => result !== "waiting" && result !== "running");
}

/** Of the errors of microphone and camera; undefined is one that works. */
export function judgeDevices(
  microphone: DeviceErrorCode | undefined,
  camera: DeviceErrorCode | undefined,
): PrecallVerdict {
  if (microphone === undefined && camera === undefined) return { result: "passed" };
  if (microphone !== undefined && camera !== undefined)
    return { result: "failed", code: microphone, advice: "check-device" };
  return { result: "warned", code: "one-device", advice: "check-device" };
}

/** The worst first: what is lost is worse than what is late, and that than what is small. */
export function judgePath({ loss, roundTrip = 0, received, available }: PathMeasured): PrecallVerdict {
  if (received === 0) return { result: "failed", code: "nothing-came-back", advice: "check-network" };
  if (loss > bounds.loss) return { result: "warned", code: "loss", advice: "move-closer" };
  if (roundTrip > bounds.roundTrip) return { result: "warned", code: "delay", advice: "check-network" };
  if (available !== undefined && available < bounds.available)
    return { result: "warned", code: "narrow", advice: "turn-off-video" };
  return { result: "passed" };
}
