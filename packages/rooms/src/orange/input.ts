/** What can happen to a room by Orange's door. The shell has already learnt who is there: the name is not the client's word. */
import type { OrangeClientMessage, Refusal } from "@satsuma/protocol";
import type { SocketId } from "../input.ts";
import type { AiAnswer } from "./ai.ts";

export type OrangeInput =
  | {
      readonly input: "orange-opened";
      readonly socket: SocketId;
      /** `_pk`, verbatim. */
      readonly id: string;
      readonly name: string;
      /** The person: the same on every device and after every reload, as far as the door can tell. */
      readonly person: string;
      /** Milliseconds since the epoch: when the person was given its name; 0 when nobody knows. */
      readonly since: number;
      /** Media sessions that this person has proven to have made. */
      readonly sessions: readonly string[];
    }
  /** `bytes` is the size of the frame. */
  | {
      readonly input: "orange";
      readonly socket: SocketId;
      readonly message: OrangeClientMessage;
      readonly bytes: number;
    }
  /** The socket has not been sent all that was told, and takes it again now. */
  | { readonly input: "orange-resync"; readonly socket: SocketId }
  /** A frame that could not be read. */
  | { readonly input: "orange-unread"; readonly socket: SocketId; readonly refusal: Refusal }
  /** The media server has made a session for this person. */
  | { readonly input: "orange-bound"; readonly person: string; readonly session: string }
  | { readonly input: "ai"; readonly answer: AiAnswer };
