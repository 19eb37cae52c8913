/** What Orange's dialect asks of the shell, beside what any room does. */
import type { OrangeServerMessage } from "@satsuma/protocol";
import type { SocketId } from "../input.ts";
import type { AiRequest } from "./ai.ts";

export type OrangeEffect =
  | { readonly effect: "orange"; readonly to: readonly SocketId[]; readonly message: OrangeServerMessage }
  /** The client comes back after any code; these two are what it knows. */
  | { readonly effect: "orange-close"; readonly to: SocketId; readonly code: 1000 | 1011; readonly reason: string }
  /** Asked of the AI service; what comes of it is an `ai` input. */
  | { readonly effect: "ai"; readonly request: AiRequest };
