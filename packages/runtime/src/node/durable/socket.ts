import type { Actor, Json, LocalHandle, Wire } from "@satsuma/durable";
import type { WebSocket } from "ws";

/** Hands an accepted WebSocket to an actor, for as long as it is open. */
export function joinSocket(socket: WebSocket, actor: LocalHandle<Actor>, detail: Json = null): void {
  const wire: Wire = {
    send: (data) => {
      if (socket.readyState === socket.OPEN) socket.send(data);
    },
    close: (code, reason) => socket.close(code, reason),
  };
  const incoming = actor.connect(wire, detail);
  socket.on("message", (data: Buffer | ArrayBuffer | Buffer[], isBinary) => {
    incoming.message(isBinary ? bytesOf(data) : bytesOf(data).toString());
  });
  socket.on("close", (code, reason) => incoming.close({ code, reason: reason.toString() }));
  // An error is always followed by a close, which is what an actor is told of.
  socket.on("error", () => undefined);
}

function bytesOf(data: Buffer | ArrayBuffer | Buffer[]): Buffer {
  if (Array.isArray(data)) return Buffer.concat(data);
  return Buffer.isBuffer(data) ? data : Buffer.from(data);
}
