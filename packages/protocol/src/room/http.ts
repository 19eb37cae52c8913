/**
 * What a page asks of its host over HTTP before it opens the room's socket. Who may have a token is the host's decision;
 * these are the shapes that the meeting app uses.
 */
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
}
