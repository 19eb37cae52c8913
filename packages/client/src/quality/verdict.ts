/**
 * What is wrong, and what would help: from grades to a word for each participant. Pure.
 *
 * The same symptom has different causes. A picture that stands still is one's own network if everybody's does, and the
 * other's if only theirs does; too few frames sent are the processor's fault if the encoder says so.
 */
import { type Grade, isWorse, worst } from "./gauge.ts";

/** `lost`: nothing comes from a participant who should be heard or seen, or a connection is gone. */
export type Level = Grade | "lost";

export type Cause =
  /** What this page sends does not get through. */
  | "network-up"
  /** What this page should receive does not get through. */
  | "network-down"
  /** This machine is too slow for what it is asked to do. */
  | "cpu"
  /** A microphone or camera of this page is silent, black or gone. */
  | "device"
  /** It is at the other participant's end. */
  | "remote";

/** What a person can do about it; words for people belong to the app. */
export type Advice =
  | "move-closer"
  | "stop-other-traffic"
  | "turn-off-video"
  | "close-programs"
  | "check-device"
  | "wait";

export interface Verdict {
  readonly level: Level;
  /** Undefined while the level is good. */
  readonly cause: Cause | undefined;
  readonly advice: readonly Advice[];
}

export const fine: Verdict = { level: "good", cause: undefined, advice: [] };

const adviceFor: Readonly<Record<Cause, readonly Advice[]>> = {
  "network-up": ["move-closer", "stop-other-traffic", "turn-off-video"],
  "network-down": ["move-closer", "stop-other-traffic"],
  cpu: ["close-programs", "turn-off-video"],
  device: ["check-device"],
  remote: ["wait"],
};

export interface OwnFindings {
  readonly connected: boolean;
  readonly up: Grade;
  readonly down: Grade;
  /** The encoder has said for a while that the processor limits it. */
  readonly cpu: boolean;
  /** A device that is on gives nothing. */
  readonly device: boolean;
}

/** One's own quality: a cause that one can do something about goes first. */
export function ownVerdict({ connected, up, down, cpu, device }: OwnFindings): Verdict {
  if (!connected) return judged("lost", "network-down");
  if (device) return judged(worst("fair", up, down), "device");
  const network = worst(up, down);
  if (cpu && !isWorse(network, "fair")) return judged(worst("fair", network), "cpu");
  if (network === "good") return fine;
  return judged(network, isWorse(down, up) ? "network-down" : "network-up");
}

export interface OtherFindings {
  /** How well their tracks come here. */
  readonly received: Grade;
  /** Something that they send, and that this page pulled, has stopped coming. */
  readonly silent: boolean;
  /** What they say of their own connection; undefined where they do not. */
  readonly reported: Level | undefined;
  /** How well everybody else's tracks come here: where they do not say it themselves, this tells whose end it is. */
  readonly others: Grade;
}

export function otherVerdict({ received, silent, reported, others }: OtherFindings): Verdict {
  if (silent || reported === "lost") return judged("lost", "remote");
  const level = reported === undefined ? received : worst(received, reported);
  if (level === "good") return fine;
  const theirs = reported === undefined ? others === "good" : !isWorse(received, reported);
  return judged(level, theirs ? "remote" : "network-down");
}

function judged(level: Level, cause: Cause): Verdict {
  return level === "good" ? fine : { level, cause, advice: adviceFor[cause] };
}
