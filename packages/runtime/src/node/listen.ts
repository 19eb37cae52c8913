/** An HTTP server on one port, for a fetch function and a door for upgrades; and its end. */
import type { IncomingMessage, Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { createAdaptorServer } from "@hono/node-server";

export interface ListenSettings {
  readonly fetch: (request: Request, env: object) => Response | Promise<Response>;
  /** Without it, requests to upgrade are not answered. */
  readonly upgrade?: (request: IncomingMessage, socket: Duplex, head: Buffer) => void;
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
    fetch: async (request, env) => {
      const response = await settings.fetch(request, env);
      await dropRest(env.incoming as IncomingMessage);
      return response;
    },
    // A request's head within 10 s, the whole within 30 s: nobody holds a connection by dripping bytes.
    serverOptions: { headersTimeout: 10_000, requestTimeout: 30_000, connectionsCheckingInterval: 5_000 },
  }) as Server;
  if (settings.upgrade) server.on("upgrade", settings.upgrade);
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

/** Bytes of an unread body that are read and dropped at the most; beyond, the connection is cut. */
const mostDropped = 16_777_216;

/**
 * Reads what is left of a request that was answered before its end, a refused one mostly. Otherwise the connection would
 * be closed with bytes unread, which the kernel turns into a reset, and the answer would often be lost with it.
 */
function dropRest(incoming: IncomingMessage): Promise<void> {
  if (incoming.readableEnded || incoming.destroyed) return Promise.resolve();
  return new Promise((resolve) => {
    let dropped = 0;
    // Whoever began to read, as a web stream does, would pause the flow again.
    incoming.removeAllListeners("data").removeAllListeners("readable");
    incoming.on("data", (chunk: Buffer) => {
      dropped += chunk.byteLength;
      if (dropped > mostDropped) incoming.destroy();
    });
    incoming.once("close", resolve).once("end", resolve);
    incoming.resume();
  });
}
