/** Who asks for something: a member through a socket, or the server's API. Capabilities serve both alike. */
import type { Actor, CommandResult, ErrorCode, Grant, Refusal } from "@satsuma/protocol";
import { refusal } from "@satsuma/protocol";
import type { Member } from "./data.ts";
import type { SocketId } from "./input.ts";

export type Asker = Speaker | Operator;

/** A member, and the socket that speaks for them. */
export interface Speaker {
  readonly kind: "member";
  readonly member: Member;
  readonly socket: SocketId;
  /** The command's. */
  readonly id: number;
  readonly grants: ReadonlySet<Grant>;
  readonly actor: Actor;
}

/** The server's own API, which may do everything. */
export interface Operator {
  readonly kind: "server";
  readonly ticket: number;
  readonly actor: Actor;
  /** The server's word is lent to somebody who does not moderate. */
  readonly lent?: true;
}

/** What came of it: done, with or without a result, refused whole, or answered later. */
export type Outcome =
  | { readonly outcome: "done"; readonly result?: CommandResult | undefined }
  | { readonly outcome: "refused"; readonly refusal: Refusal }
  | { readonly outcome: "pending" };

export const done: Outcome = { outcome: "done" };
export const pending: Outcome = { outcome: "pending" };

export function brought(result: CommandResult): Outcome {
  return { outcome: "done", result };
}

export function refused(
  code: ErrorCode,
  message: string,
  hint?: { readonly retryAfter?: number; readonly current?: number },
): Outcome {
  return { outcome: "refused", refusal: refusal(code, message, hint) };
}

export function may(asker: Asker, grant: Grant): boolean {
  return asker.kind === "server" || asker.grants.has(grant);
}
