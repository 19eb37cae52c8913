/** Tokens for one stream: what an encoder or a player's page may hold, where the app's secret must not be. */

/** `publish` is WHIP, `play` is WHEP. */
export type StreamGrant = "publish" | "play";

/** Made and checked by the platform, which holds the key. */
export interface StreamTokens {
  /** `ttl` in seconds. */
  issue(app: string, stream: string, may: StreamGrant, ttl: number): Promise<string>;
  admits(token: string, app: string, stream: string, may: StreamGrant): Promise<boolean>;
}
