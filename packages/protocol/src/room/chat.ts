/**
 * What was said in writing. A log of its own beside the state: every message and every later change of one is an event
 * with the next number, and each member is sent the events that are for them. The numbers belong to a lineage, as
 * versions do; a message's own `seq` is for good.
 */

export interface ChatAuthor {
  readonly participant: string;
  readonly identity: string;
  readonly name: string;
}

/** A message as one reader sees it. */
export interface ChatMessage {
  /** Grows by one with every message of the room, and names it. */
  readonly seq: number;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly from: ChatAuthor;
  /** Empty once it was deleted. */
  readonly text: string;
  /** The one identity it is for, besides its author; everyone's when left out. */
  readonly to?: { readonly identity: string; readonly name: string } | undefined;
  /** The `seq` of the message that it answers. */
  readonly reply?: number | undefined;
  /** Identities. */
  readonly mentions?: readonly string[] | undefined;
  /** Milliseconds since the epoch of the last edit. */
  readonly edited?: number | undefined;
  readonly deleted?: boolean | undefined;
  /** By emoji: how many, and whether the reader is one of them. */
  readonly reactions?: Readonly<Record<string, { readonly count: number; readonly mine: boolean }>> | undefined;
}

export type ChatEvent =
  | { readonly event: "said"; readonly message: ChatMessage }
  | { readonly event: "edited"; readonly seq: number; readonly text: string; readonly at: number }
  | { readonly event: "deleted"; readonly seq: number }
  | {
      readonly event: "reacted";
      readonly seq: number;
      readonly emoji: string;
      readonly by: string;
      readonly on: boolean;
      /** How many there are now. */
      readonly count: number;
    };
