/** An HTTP server on one port, for a fetch function and a door for upgrades; and its end. */
import type { IncomingMessage, Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { createAdaptorServer } from "@hono/node-server";

export interface ListenSettings {
  readonly fetch: (request: Request, env: object) => Response | Promise<Response>;
  readonly upgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) => void;
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
}

export interface Listening {
  readonly port: number;
  /** Takes no more connections, and resolves when the last one is gone or `patience` milliseconds are over. */
  close(patience: number): Promise<void>;
}

/** Rejects with the platform's error (`EADDRINUSE`, `EACCES` …) if the port cannot be had. */
export async function listen(settings: ListenSettings): Promise<Listening> {
  const server = createAdaptorServer({
    fetch: settings.fetch,
    // A request's head within 10 s, the whole within 30 s: nobody holds a connection by dripping bytes.
    serverOptions: { headersTimeout: 10_000, requestTimeout: 30_000, connectionsCheckingInterval: 5_000 },
  }) as Server;
  server.on("upgrade", settings.upgrade);
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(settings.port, settings.host, () => {
      server.off("error", reject);
      resolve();
    });
  });
  return {
    port: (server.address() as AddressInfo).port,
    close: (patience) =>
      new Promise<void>((resolve) => {
        server.close(() => {
          clearTimeout(cut);
          resolve();
        });
        const cut = setTimeout(() => server.closeAllConnections(), patience);
        server.closeIdleConnections();
      }),
  };
}
