/** Where a session stands, and what a page is shown of that. */
import type { ConnectionView, EndReason } from "./words.ts";

export type State =
  | { readonly state: "idle" }
  | { readonly state: "asking"; readonly deadline: number }
  | { readonly state: "opening"; readonly socket: number; readonly deadline: number }
  | { readonly state: "greeting"; readonly socket: number; readonly deadline: number }
  /** Welcomed, or waiting until a moderator lets this client in; both have to be kept alive. */
  | {
      readonly state: "joined" | "lobby";
      readonly socket: number;
      readonly interval: number;
      readonly pingAt: number;
      /** By when the server must have said anything at all, once a ping is out. */
      readonly answerBy: number | undefined;
    }
  | { readonly state: "waiting"; readonly deadline: number }
  | { readonly state: "leaving"; readonly socket: number; readonly command: number; readonly deadline: number }
  | { readonly state: "ended"; readonly end: EndReason };

export function isLive(state: State): state is Extract<State, { pingAt: number }> {
  return "pingAt" in state;
}

/** `lostAt` is when the connection was lost, if it was. */
export function connectionOf(state: State, lostAt: number | undefined): ConnectionView {
  if (state.state === "ended") return { state: "ended", end: state.end };
  if (state.state === "leaving") return { state: "ended", end: { why: "left" } };
  if (state.state === "joined") return { state: "connected" };
  if (state.state === "lobby") return { state: "waiting" };
  return lostAt === undefined ? { state: "connecting" } : { state: "reconnecting", since: lostAt };
}
