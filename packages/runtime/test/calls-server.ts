/**
 * A media server with the wire contract of the Calls API and no media: real HTTP, a real secret, sessions that end.
 * It keeps what it was asked, so that a test can see what a proxy lets through.
 */
import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface CallsServer {
  readonly url: string;
  readonly appId: string;
  readonly secret: string;
  /** Requests that carried the right secret, oldest first: "POST sessions/new". */
  readonly asked: { readonly what: string; readonly body: unknown }[];
  endSession(session: string): void;
  close(): Promise<void>;
}

export async function startCallsServer(): Promise<CallsServer> {
  const appId = "app";
  const secret = randomUUID();
  const asked: { what: string; body: unknown }[] = [];
  const sessions = new Map<string, object[]>();
  const server = createServer(async (request, response) => {
    const text = await bodyOf(request);
    if (request.headers.authorization !== `Bearer ${secret}`) {
      return send(response, 401, { errorCode: "unauthorized", errorDescription: "wrong secret" });
    }
    const path = (request.url ?? "").replace(`/v1/apps/${appId}/`, "");
    const body = text === "" ? undefined : JSON.parse(text);
    asked.push({ what: `${request.method} ${path}`, body });
    if (path === "sessions/new") {
      const sessionId = randomUUID();
      sessions.set(sessionId, []);
      return send(response, 201, { sessionId });
    }
    const known = sessions.get(path.split("/")[1] ?? "");
    if (known === undefined) {
      return send(response, 410, { errorCode: "session_error", errorDescription: "gone" });
    }
    if (path.endsWith("/tracks/new")) {
      const tracks = body.tracks.map((track: object, number: number) => ({
        ...track,
        mid: String(number),
      }));
      known.push(...tracks);
      return send(response, 200, { requiresImmediateRenegotiation: true, tracks });
    }
    return send(response, 200, { tracks: request.method === "GET" ? known : [] });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    appId,
    secret,
    asked,
    endSession: (session) => sessions.delete(session),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

function send(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { "Content-Type": "application/json" }).end(JSON.stringify(body));
}
