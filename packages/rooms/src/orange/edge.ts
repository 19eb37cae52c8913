/** Orange's dialect on the wire: frames to inputs, effects to frames. The counterpart of the other dialect's edge.ts. */
import { type OrangeServerMessage, parseOrangeMessage, type Refusal } from "@satsuma/protocol";
import type { SocketId } from "../input.ts";
import type { OrangeEffect } from "./effect.ts";
import type { OrangeInput } from "./input.ts";

/** Reads one text frame of a socket. Never throws. */
export function hearOrange(socket: SocketId, frame: string): OrangeInput {
  const parsed = parseOrangeMessage(frame);
  if (!parsed.ok) return { input: "orange-unread", socket, refusal: parsed.refusal };
  return { input: "orange", socket, message: parsed.value, bytes: frame.length };
}

/** A code for machines and a sentence for people; never a stack, which is what Orange sends. */
export function orangeErrorOf({ code, message }: Refusal): string {
  return JSON.stringify({ type: "error", error: `${code}: ${message}` } satisfies OrangeServerMessage);
}

export function tellOrange({ message }: Extract<OrangeEffect, { effect: "orange" }>): string {
  return JSON.stringify(message);
}
