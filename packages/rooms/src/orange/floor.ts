/**
 * The room in which Orange's users are, as far as this dialect needs it. Whoever comes by another door is an `Other`
 * here; a user who has joined is shown to them as a `Guest`.
 */
import type { LeaveReason, OrangeTrackObject, Participant, Refusal, Track } from "@satsuma/protocol";

export interface Visitor {
  readonly id: string;
  readonly person: string;
  readonly name: string;
  /** Milliseconds since the epoch: when the person was given its name, as a token is issued. */
  readonly since: number;
}

export interface Guest extends Visitor {
  readonly connected: boolean;
  readonly tracks: readonly Track[];
  /** Those of its own sessions that it speaks of. */
  readonly sessions: readonly string[];
}

export interface Other {
  readonly participant: Participant;
  readonly raisedHand: boolean;
  readonly speaking: boolean;
}

export interface Floor {
  /** Undefined while there is none. */
  meeting(): string | undefined;
  /** A meeting begins with the first who comes, though it be only into the lobby. */
  begin(): void;
  /** Somebody is gone; who is the last to go takes the meeting along, after a while. */
  mindEmptiness(): void;
  others(): Other[];
  /** Whether somebody who came by another door has this id. */
  isTaken(id: string): boolean;
  /** Why the room would not take this visitor now. */
  refusalFor(visitor: Visitor): Refusal | undefined;
  /** Lets a guest in, or makes what is shown of it this. */
  show(guest: Guest): Refusal | undefined;
  /** Nothing for who is not shown. Its media flows on: a user in the lobby publishes, and one that was lost comes back. */
  hide(id: string, why: LeaveReason): void;
  /** What is shown of a guest; undefined when the room has put it out. */
  shown(id: string): Participant | undefined;
  hand(id: string, raised: boolean): void;
  speak(id: string, speaking: boolean): void;
  /** Mutes the microphone of one of the others, who may unmute it; of one who moderates it does not. */
  mute(by: Visitor, id: string): void;
  mayHear(id: string): boolean;
  /** Brings the AI in, puts it out, or speaks to it. */
  mayUseAi(id: string): boolean;
  isPublished(track: OrangeTrackObject): boolean;
  /** The seat of this id, or the AI, is to be written down, or no more. */
  touch(what: { readonly seat: string } | "ai"): void;
}
