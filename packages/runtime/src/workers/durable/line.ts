import type { DurableObjectState, WebSocket as ObjectSocket, Request } from "@cloudflare/workers-types";
import { checkDetail, type Json, type Line } from "@satsuma/durable";

/** How the namespace tells the object what the door knows of a socket; set by us and never taken from outside. */
export const detailHeader = "x-satsuma-detail";

/** What stays with a socket while its object hibernates. */
interface Kept {
  readonly id: string;
  readonly detail: Json;
  readonly attachment: unknown;
}

export function detailOf(request: Request): Json {
  const header = request.headers.get(detailHeader);
  return header === null ? null : JSON.parse(decodeURIComponent(header));
}

/** The line over a socket that was accepted before, perhaps by an earlier life of this object. */
export function lineOf(socket: ObjectSocket): Line | undefined {
  const kept = socket.deserializeAttachment() as Kept | null;
  if (kept === null) return undefined;
  return { ...kept, wire: wireOver(socket, kept) };
}

export function lineOver(state: DurableObjectState, detail: Json): { client: ObjectSocket; line: Line } {
  checkDetail(detail);
  const { 0: client, 1: server } = new WebSocketPair();
  state.acceptWebSocket(server);
  const kept = { id: crypto.randomUUID(), detail, attachment: undefined };
  server.serializeAttachment(kept);
  return { client, line: { ...kept, wire: wireOver(server, kept) } };
}

function wireOver(socket: ObjectSocket, { id, detail }: Kept): Line["wire"] {
  return {
    send(data) {
      if (socket.readyState === WebSocket.OPEN) socket.send(data);
    },
    close(code, reason) {
      if (socket.readyState === WebSocket.OPEN) socket.close(code, reason);
    },
    attach: (attachment) => socket.serializeAttachment({ id, detail, attachment }),
  };
}

declare const WebSocketPair: new () => { 0: ObjectSocket; 1: ObjectSocket };
