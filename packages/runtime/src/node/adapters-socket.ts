/** WebSockets that the adapters dial, by `ws`. */
import { isIP } from "node:net";
import { RefusedError } from "@satsuma/protocol";
import { type AdapterSocket, mostMessageBytes, type SocketListener } from "@satsuma/sfu";
import { WebSocket } from "ws";
import { type DestinationPolicy, guardedLookup, refusedDestination } from "./adapters-destination.ts";

/** Bytes that may wait for a slow endpoint: a second of PCM and a bit. More is dropped. */
const mostBuffered = 256_000;
/** ms for the endpoint to answer a close. */
const closing = 2_000;

export function dial(
  endpoint: string,
  timeout: number,
  listener: SocketListener,
  policy: DestinationPolicy,
): Promise<AdapterSocket> {
  if (!URL.canParse(endpoint)) {
    return Promise.reject(new RefusedError("websocket_handshake_failed", "The endpoint is not an address."));
  }
  const { hostname } = new URL(endpoint);
  const address = hostname.replace(/^\[|\]$/g, "");
  // A numeric address is connected to without a lookup.
  const refused = isIP(address) === 0 ? undefined : refusedDestination(address, policy);
  if (refused !== undefined) return Promise.reject(refused);
  const socket = new WebSocket(endpoint, {
    followRedirects: false,
    perMessageDeflate: false,
    maxPayload: mostMessageBytes,
    lookup: guardedLookup(policy),
  });
  socket.binaryType = "nodebuffer";
  const { promise, resolve, reject } = Promise.withResolvers<AdapterSocket>();
  const timer = setTimeout(() => {
    reject(new RefusedError("websocket_connection_timeout", "The endpoint did not answer in time."));
    socket.terminate();
  }, timeout);
  let over = false;
  socket.on("error", (cause) => {
    const sentence = "The endpoint refused the WebSocket, or cannot be reached.";
    reject(cause instanceof RefusedError ? cause : new RefusedError("websocket_handshake_failed", sentence, { cause }));
  });
  socket.on("open", () => {
    clearTimeout(timer);
    resolve({
      send(message) {
        if (over || socket.readyState !== WebSocket.OPEN || socket.bufferedAmount > mostBuffered) return false;
        socket.send(message);
        return true;
      },
      pause: () => socket.pause(),
      resume: () => socket.resume(),
      close(code) {
        if (over) return;
        over = true;
        socket.resume();
        socket.close(code);
        setTimeout(() => socket.terminate(), closing).unref();
      },
    });
  });
  socket.on("message", (data, isBinary) => {
    if (!over && isBinary && Buffer.isBuffer(data)) listener.message(data);
  });
  socket.on("close", () => {
    clearTimeout(timer);
    if (over) return;
    over = true;
    listener.closed();
  });
  return promise;
}
