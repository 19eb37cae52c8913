/**
 * What a member may ask of the media server, and the media server as the room's side needs it.
 *
 * The room never speaks HTTP: an operation names what is wanted, whoever implements the port knows where the server is
 * and holds its secret.
 */
import type {
  CloseTracksRequest,
  NewSessionRequest,
  RenegotiateRequest,
  TracksRequest,
  UpdateTracksRequest,
} from "@satsuma/protocol";

export type MediaOperation =
  | { readonly do: "new-session"; readonly body?: NewSessionRequest | undefined }
  | { readonly do: "inspect"; readonly session: string }
  | { readonly do: "tracks"; readonly session: string; readonly body: TracksRequest }
  | { readonly do: "update-tracks"; readonly session: string; readonly body: UpdateTracksRequest }
  | { readonly do: "renegotiate"; readonly session: string; readonly body: RenegotiateRequest }
  | { readonly do: "close-tracks"; readonly session: string; readonly body: CloseTracksRequest };

/** An answer of the media server, passed on as it is: status and JSON body. */
export interface MediaAnswer {
  readonly status: number;
  readonly body: unknown;
}

/** The media server. A rejected promise means that it could not be reached. */
export interface MediaServer {
  forward(operation: MediaOperation): Promise<MediaAnswer>;
}
