/** What goes into the session core and what comes out of it. */
import type {
  ChatMessage,
  ClientMessage,
  Command,
  Presence,
  Refusal,
  Report,
  RoomState,
  Self,
  ServerMessage,
  Signal,
} from "@satsuma/protocol";
import type { Announced } from "./announcement.ts";
import type { Answer } from "./asks.ts";
import type { Lobby } from "./known.ts";

/** Every socket has a number; words of an earlier one than the current are dropped. */
export type SessionInput =
  | { readonly input: "join" }
  | { readonly input: "token"; readonly token: string }
  | { readonly input: "token-failed"; readonly refusal: Refusal }
  | { readonly input: "opened"; readonly socket: number }
  | { readonly input: "message"; readonly socket: number; readonly message: ServerMessage }
  /** `reason` is what the close frame said, an error code when the server refused. */
  | { readonly input: "closed"; readonly socket: number; readonly reason: string }
  /** All the tracks that the room should know of me, from now on. */
  | { readonly input: "announce"; readonly tracks: readonly Announced[] }
  | { readonly input: "rename"; readonly name: string }
  /** What of me has changed; what is left out has not. */
  | { readonly input: "signal"; readonly signal: Signal }
  /** For the record of the call. Not said later, if it cannot be said now. */
  | { readonly input: "report"; readonly report: Report }
  /** A command of the app, which counts its asks. */
  | { readonly input: "ask"; readonly ask: number; readonly command: Command }
  /** The network came back: a waiting reconnect need not wait longer. */
  | { readonly input: "online" }
  | { readonly input: "leave" }
  | { readonly input: "tick" };

export type SessionEffect =
  /** Ask the app for a token; `again` when the last one was refused. */
  | { readonly effect: "ask-token"; readonly again: boolean }
  | { readonly effect: "open"; readonly socket: number }
  | { readonly effect: "send"; readonly message: ClientMessage }
  | { readonly effect: "close"; readonly socket: number }
  /** This client is a member now, and the view is what the room is: the media server will hear it. */
  | { readonly effect: "welcomed" }
  /** The room had given up my place and I came in anew: it holds none of my media sessions for mine any more. */
  | { readonly effect: "new-stay" }
  /** The socket is lost, and another one did not come: the media server may be asked for a sign of the room. */
  | { readonly effect: "away" }
  /** The room has taken these tracks of mine back, by name: they are over at the media server, too. */
  | { readonly effect: "taken"; readonly names: readonly string[] }
  /** What became of an ask; told once for each. */
  | { readonly effect: "answered"; readonly ask: number; readonly answer: Answer }
  /**
   * Something happened that is no state: a chat event, an emoji, what another page relayed, a moderator's word to me, whose
   * effect on what the room knows of me comes with the next words.
   */
  | { readonly effect: "happened"; readonly message: Happening }
  /** The view changed. */
  | { readonly effect: "changed" };

export type Happening =
  | Extract<ServerMessage, { readonly type: "chat" | "emoted" | "relayed" | "entries" | "lobby" | "notice" }>
  /**
   * Chat was missed, and this is the newest page of it as the room has it now, newest message first: what is shown of these is
   * to be shown so. What was said is told besides, as `chat`.
   */
  | { readonly type: "reread"; readonly messages: readonly ChatMessage[]; readonly more: boolean };

/** Why a room is over for this client. */
export type EndReason =
  | { readonly why: "left" }
  /** The same participant came in from another page. */
  | { readonly why: "replaced" }
  /** The server does not want this client; `refusal.message` is for logs, words for people belong to the app. */
  | { readonly why: "refused"; readonly refusal: Refusal }
  /** No server answered, and the policy gave up. */
  | { readonly why: "unreachable" };

export type ConnectionView =
  | { readonly state: "connecting" }
  /** In the lobby: a moderator has to let this client in. */
  | { readonly state: "waiting" }
  | { readonly state: "connected" }
  /** The socket is lost and being brought back. Media goes on meanwhile. */
  | { readonly state: "reconnecting"; readonly since: number }
  | { readonly state: "ended"; readonly end: EndReason };

export interface SessionView {
  readonly connection: ConnectionView;
  readonly room: RoomState;
  /** Who speaks, how well everyone is connected, how many listen. */
  readonly presence: Presence;
  /** My id among the participants, from the first welcome on. */
  readonly me: string | undefined;
  /** My role, and what I may do. */
  readonly you: Self | undefined;
  /** Who waits to be admitted, for those who may admit. */
  readonly lobby: Lobby;
}
