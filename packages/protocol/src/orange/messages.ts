/**
 * Every message of Orange Meets' room dialect at `/parties/rooms/:room`, one closed union per direction. What each of
 * them does is told in `docs/orange.md`.
 */
import type { OrangeRoomState, OrangeUser } from "./state.ts";

/** A track as Orange's client names it to the room: what the media server answered, less the mid. */
export interface OrangeTrackObject {
  readonly location?: "local" | "remote" | undefined;
  readonly trackName?: string | undefined;
  readonly sessionId?: string | undefined;
  readonly mid?: string | null | undefined;
}

/** A request to the Calls API or its answer, as the client saw it. */
export type OrangeHistoryEntry =
  | { readonly type: "request"; readonly method: string; readonly endpoint: string; readonly body?: unknown }
  | { readonly type: "response"; readonly endpoint: string; readonly body?: unknown };

export type OrangeClientMessage =
  | { readonly type: "heartbeat" }
  | { readonly type: "userUpdate"; readonly user: OrangeUser }
  | { readonly type: "userLeft" }
  | { readonly type: "muteUser"; readonly id: string }
  | { readonly type: "directMessage"; readonly to: string; readonly message: string }
  /** `payload` is between the clients; the room never looks into it. */
  | { readonly type: "e2eeMlsMessage"; readonly payload: string }
  | {
      readonly type: "callsApiHistoryEntry";
      readonly entry: OrangeHistoryEntry;
      readonly sessionId?: string | undefined;
    }
  | { readonly type: "enableAi"; readonly instructions?: string | undefined; readonly voice?: string | undefined }
  | { readonly type: "disableAi" }
  | { readonly type: "requestAiControl"; readonly track: OrangeTrackObject }
  /** The spelling is the protocol's. */
  | { readonly type: "relenquishAiControl" }
  | { readonly type: "partyserver-ping" };

export type OrangeServerMessage =
  | { readonly type: "roomState"; readonly state: OrangeRoomState }
  | { readonly type: "muteMic" }
  | { readonly type: "userLeftNotification"; readonly id: string }
  | { readonly type: "e2eeMlsMessage"; readonly payload: string }
  /** `from` is the sender's name, not its id. */
  | { readonly type: "directMessage"; readonly from: string; readonly message: string }
  | { readonly type: "error"; readonly error: string }
  | { readonly type: "partyserver-pong" };
