import type { Closing } from "./actor.ts";
import type { AlarmInfo } from "./alarm.ts";
import type { Line } from "./line.ts";

/** One input of an actor, with the way back to whoever waits for it. */
export type Job =
  | {
      readonly type: "ask";
      readonly question: unknown;
      readonly resolve: (answer: unknown) => void;
      readonly reject: (error: unknown) => void;
    }
  | { readonly type: "connect"; readonly line: Line }
  | { readonly type: "message"; readonly line: Line; readonly data: string | Uint8Array }
  | { readonly type: "close"; readonly line: Line; readonly why: Closing }
  | {
      readonly type: "alarm";
      readonly settle: (error?: unknown) => void;
      readonly native: AlarmInfo | undefined;
    }
  /** Counts only for the waking that began the work. */
  | { readonly type: "outcome"; readonly waking: object; readonly run: () => unknown };
