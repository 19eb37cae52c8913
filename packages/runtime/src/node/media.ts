/**
 * The media server as a member's request reaches it: the Calls API over a fetch function, ours or Cloudflare's.
 *
 * The app's secret is added here and nowhere else. An answer is passed on as it is, unless it is about the secret: that
 * is between this server and the media server, and no business of a member.
 */
import type { MediaAnswer, MediaOperation, MediaServer } from "@satsuma/rooms";

export interface MediaServerSettings {
  /** Where the API is, with its version and without the app: `https://rtc.live.cloudflare.com/v1`. */
  readonly url: string;
  readonly appId: string;
  readonly secret: string;
  /** The platform's by default; a media server in this process gives its own. */
  readonly fetch?: (request: Request) => Promise<Response>;
  /** Milliseconds. 20 s by default: a pull may wait 5 s for the transport and some more for the first packet. */
  readonly timeout?: number;
}

export function mediaServer(settings: MediaServerSettings): MediaServer {
  const app = `${settings.url.replace(/\/+$/, "")}/apps/${encodeURIComponent(settings.appId)}`;
  const send = settings.fetch ?? ((request: Request) => fetch(request));
  return {
    async forward(operation) {
      const { method, path, body } = requestOf(operation);
      const answer = await send(
        new Request(`${app}/${path}`, {
          method,
          headers: {
            Authorization: `Bearer ${settings.secret}`,
            ...(body === undefined ? {} : { "Content-Type": "application/json" }),
          },
          signal: AbortSignal.timeout(settings.timeout ?? 20_000),
          ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        }),
      );
      return read(answer);
    },
  };
}

async function read(answer: Response): Promise<MediaAnswer> {
  const body: unknown = await answer.json();
  if (answer.status === 401 || answer.status === 403) {
    throw new Error(`The media server refused this server's own secret (${answer.status}).`);
  }
  return { status: answer.status, body };
}

function requestOf(operation: MediaOperation): { method: string; path: string; body?: unknown } {
  switch (operation.do) {
    case "new-session":
      return { method: "POST", path: "sessions/new", body: operation.body };
    case "inspect":
      return { method: "GET", path: session(operation) };
    case "tracks":
      return { method: "POST", path: `${session(operation)}/tracks/new`, body: operation.body };
    case "renegotiate":
      return { method: "PUT", path: `${session(operation)}/renegotiate`, body: operation.body };
    case "close-tracks":
      return { method: "PUT", path: `${session(operation)}/tracks/close`, body: operation.body };
  }
}

function session(operation: { readonly session: string }): string {
  return `sessions/${encodeURIComponent(operation.session)}`;
}
