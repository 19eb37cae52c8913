import type { MediaServer } from "@satsuma/rooms";

/** The media server over HTTP, as the app's composition has it through its own client. */
export function overHttp(calls: { readonly url: string; readonly appId: string }, secret: string): MediaServer {
  const paths = {
    "new-session": ["POST", ""],
    inspect: ["GET", ""],
    tracks: ["POST", "/tracks/new"],
    "update-tracks": ["PUT", "/tracks/update"],
    renegotiate: ["PUT", "/renegotiate"],
    "close-tracks": ["PUT", "/tracks/close"],
  } as const;
  return {
    async forward(operation) {
      const [method, rest] = paths[operation.do];
      const session = operation.do === "new-session" ? "new" : operation.session;
      const body = "body" in operation ? operation.body : undefined;
      const response = await fetch(`${calls.url}/apps/${calls.appId}/sessions/${session}${rest}`, {
        method,
        headers: { Authorization: `Bearer ${secret}` },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
      return { status: response.status, body: await response.json() };
    },
  };
}
