/**
 * The room in which Orange's users are, as far as this dialect needs it. Whoever comes by another door is an `other`
 * here; a user who has joined is shown to them as a `Guest`.
 */
import type { LeaveReason, Participant, Refusal, Track } from "@satsuma/protocol";

export interface Guest {
  readonly id: string;
  readonly person: string;
  readonly name: string;
  readonly connected: boolean;
  readonly tracks: readonly Track[];
  readonly sessions: readonly string[];
}

export interface Floor {
  others(): readonly Participant[];
  /** Lets a guest in, or makes what is shown of them this; a refusal means that the room does not take them. */
  show(guest: Guest): Refusal | undefined;
  /** Nothing for who is not shown. Its media flows on: a user in the lobby publishes, and one that was lost comes back. */
  hide(id: string, why: LeaveReason): void;
  /** Mutes the microphone of one of the others. */
  mute(id: string): void;
}
