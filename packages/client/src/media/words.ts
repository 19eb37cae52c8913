/** What goes into the media core and what comes out of it. */
import type { TrackKind, TrackSource } from "@satsuma/protocol";
import type { Announced } from "../session/announcement.ts";

/** A track of somebody else, by its address in the SFU. */
export interface RemoteTrack {
  readonly session: string;
  readonly name: string;
  readonly kind: TrackKind;
  readonly muted: boolean;
  /** The simulcast layer to receive; undefined leaves it to the media server. */
  readonly rid?: string | undefined;
}

/** What this client has to send; a device that was never captured is not in the list. */
export interface LocalTrack {
  /** Names it in this page. Of a microphone or camera the source; screens are several. */
  readonly id: string;
  readonly source: TrackSource;
  readonly kind: TrackKind;
  readonly muted: boolean;
  /** There is no device behind it: nothing at all is sent, not even silence. */
  readonly silent: boolean;
}

/** An attempt is one media connection with one SFU session. Replies of an earlier one than the current are dropped. */
export type MediaInput =
  /** Prepare: a connection and its first offer, before the server knows us. */
  | { readonly input: "start" }
  /** The room has welcomed this client, so the media server will hear it. */
  | { readonly input: "member" }
  /**
   * The room does not hear this client any more. A word to the media server goes through the room too, and keeps the place
   * there for as long as media lives.
   */
  | { readonly input: "away" }
  /** The room has forgotten this client in between: sessions made before are not this client's any more. */
  | { readonly input: "new-stay" }
  | { readonly input: "local"; readonly tracks: readonly LocalTrack[] }
  /** The room has taken these back, by name; what is still to be sent is sent as something new. */
  | { readonly input: "taken"; readonly names: readonly string[] }
  | { readonly input: "remote"; readonly tracks: readonly RemoteTrack[] }
  /** `name` says which push it is about: a track may be taken back and pushed anew before the first is through. */
  | {
      readonly input: "pushed";
      readonly attempt: number;
      readonly id: string;
      readonly name: string;
      readonly session: string;
    }
  | { readonly input: "push-failed"; readonly attempt: number; readonly id: string; readonly name: string }
  /** Bytes of a pushed track have left, or it is muted and the connection is up. */
  | { readonly input: "flowing"; readonly attempt: number; readonly id: string; readonly name: string }
  | { readonly input: "pulled"; readonly attempt: number; readonly key: string }
  | { readonly input: "pull-failed"; readonly attempt: number; readonly key: string }
  /** Nothing comes on a pulled track any more although the connection is up. */
  | { readonly input: "dead"; readonly key: string }
  | { readonly input: "transport"; readonly attempt: number; readonly state: RTCPeerConnectionState }
  /** Nothing more can come of this attempt: the session is gone, or a negotiation ended half done. */
  | { readonly input: "broken"; readonly attempt: number }
  /** The network is another one, or is back: the connection may be dead and not know it. */
  | { readonly input: "network" }
  /** Nothing comes on the present connection any more; told again while it lasts. */
  | { readonly input: "silence" }
  | { readonly input: "heard" }
  /** What the media server said when it was asked for the session; undefined when it did not answer. */
  | { readonly input: "inspected"; readonly attempt: number; readonly alive: boolean | undefined }
  | { readonly input: "stop" }
  | { readonly input: "tick" };

export type MediaEffect =
  /** Make a new connection. With `keep` the last one that is open goes on until `retire`; otherwise it is closed. */
  | { readonly effect: "open"; readonly attempt: number; readonly keep: boolean }
  /** Everything is on the new connection: close the one before. */
  | { readonly effect: "retire" }
  /** Ask the media server whether it still has this attempt's session. */
  | { readonly effect: "inspect"; readonly attempt: number }
  /** This attempt may ask the SFU for its session. */
  | { readonly effect: "session"; readonly attempt: number }
  | {
      readonly effect: "push";
      readonly attempt: number;
      readonly id: string;
      readonly kind: TrackKind;
      readonly name: string;
    }
  /** Stop sending a track that is over. */
  | { readonly effect: "withdraw"; readonly attempt: number; readonly id: string }
  | {
      readonly effect: "pull";
      readonly attempt: number;
      readonly key: string;
      readonly session: string;
      readonly name: string;
      readonly rid: string | undefined;
    }
  /** Another layer of a pulled track is wanted. */
  | { readonly effect: "prefer"; readonly attempt: number; readonly track: RemoteTrack }
  /** Give back a pulled track that nobody wants any more. */
  | { readonly effect: "release"; readonly attempt: number; readonly key: string }
  /** What the room should know of my tracks from now on. */
  | { readonly effect: "announce"; readonly tracks: readonly Announced[] }
  /** Close the newest connection; with `keep` the one before it goes on, otherwise it is closed too. */
  | { readonly effect: "close"; readonly keep: boolean }
  | { readonly effect: "changed" };

/** `recovering` means that a connection was lost, or never came up, and another one is being made. */
export type MediaState = "new" | "connecting" | "connected" | "recovering" | "closed";

/** The address of a track in the SFU as one word. */
export function trackKey(track: { readonly session: string; readonly name: string }): string {
  return `${track.session}/${track.name}`;
}
