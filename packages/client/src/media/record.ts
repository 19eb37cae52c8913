/**
 * Everything about a media connection as plain data, for a bug report, a test or a page that explains itself.
 *
 * Read at any time; passwords of ICE and of TURN are left out, so that it can be sent on.
 */
import type { ConnectionState, Transition } from "./life.ts";

export interface ConnectionRecord {
  readonly state: ConnectionState;
  /** Of the browser's present connection. */
  readonly ice: RTCIceConnectionState;
  readonly gathering: RTCIceGatheringState;
  readonly signalling: RTCSignalingState;
  /** The session at the media server; undefined until there is one. */
  readonly session: string | undefined;
  /** Connections made so far, the present one included. */
  readonly attempt: number;
  readonly candidates: { readonly local: readonly string[]; readonly remote: readonly string[] };
  readonly descriptions: { readonly local: string | undefined; readonly remote: string | undefined };
  readonly tracks: readonly {
    readonly mid: string | null;
    readonly kind: string;
    readonly direction: RTCRtpTransceiverDirection;
    readonly stopped: boolean;
  }[];
  /** Newest last, with when and why. */
  readonly history: readonly Transition[];
}

export interface Recorded {
  readonly state: ConnectionState;
  readonly history: readonly Transition[];
  readonly attempt: number;
  readonly session: string | undefined;
}

export function recordOf(connection: RTCPeerConnection | undefined, known: Recorded): ConnectionRecord {
  const local = connection?.localDescription?.sdp;
  const remote = connection?.remoteDescription?.sdp;
  return {
    ...known,
    ice: connection?.iceConnectionState ?? "new",
    gathering: connection?.iceGatheringState ?? "new",
    signalling: connection?.signalingState ?? "closed",
    candidates: { local: candidatesIn(local), remote: candidatesIn(remote) },
    descriptions: { local: withoutPasswords(local), remote: withoutPasswords(remote) },
    tracks: (connection?.getTransceivers() ?? []).map(({ mid, direction, currentDirection, receiver }) => ({
      mid,
      kind: receiver.track.kind,
      direction: currentDirection ?? direction,
      stopped: currentDirection === "stopped" || direction === "stopped",
    })),
  };
}

function candidatesIn(sdp: string | undefined): string[] {
  const found = (sdp ?? "").match(/^a=candidate:.*$/gm) ?? [];
  // Every m-line of a bundle repeats them.
  return [...new Set(found.map((line) => line.slice("a=candidate:".length).trim()))];
}

function withoutPasswords(sdp: string | undefined): string | undefined {
  return sdp?.replace(/^a=ice-pwd:.*$/gm, "a=ice-pwd:-");
}
