/**
 * Ports for processes that must be told theirs before they start.
 *
 * Not those that the system gives out for port 0: between our look and the process's own bind, any connection of a test
 * running beside may be given the same. Nobody is given one of these unasked.
 */
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { createServer } from "node:net";

const host = "127.0.0.1";
/** Above what services use, and below what Linux gives out (net.ipv4.ip_local_port_range, 32768 by default). */
const first = 20_000;
const count = 12_000;

export function freeTcpPort(): Promise<number> {
  return free(async (port) => {
    const server = createServer();
    server.listen(port, host);
    await once(server, "listening");
    server.close();
    await once(server, "close");
  });
}

/** The first of `many` in a row. */
export function freeUdpPort(many = 1): Promise<number> {
  return free(async (port) => {
    for (let next = port; next < port + many; next += 1) {
      const socket = createSocket("udp4");
      socket.bind(next, host);
      await once(socket, "listening");
      socket.close();
      await once(socket, "close");
    }
  });
}

async function free(bind: (port: number) => Promise<void>): Promise<number> {
  for (;;) {
    const port = first + Math.floor(Math.random() * count);
    try {
      await bind(port);
      return port;
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === "EADDRINUSE")) throw error;
    }
  }
}
