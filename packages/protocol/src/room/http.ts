/**
 * What a page asks of its host over HTTP before it opens the room's socket. Who may have a token is the host's decision;
 * these are the shapes that the meeting app uses.
 */
import type { IceServer } from "../calls/manage.ts";

export interface TokenRequest {
  readonly name: string;
  /** An earlier token for the same room, expired or not: whoever shows it comes back as the same participant. */
  readonly previous?: string | undefined;
}

export interface TokenResponse {
  readonly token: string;
  readonly participant: string;
  /** Milliseconds since the epoch. */
  readonly expires: number;
  /** Servers for a browser that cannot reach the media server by itself; left out where the host has none. */
  readonly relay?: { readonly iceServers: readonly IceServer[] /** Seconds. */; readonly ttl: number } | undefined;
}
