/** Our own dialect (docs/protocol.md) as an edge: its words are read and written by `@satsuma/rooms`. */
import type { Refusal, ServerMessage } from "@satsuma/protocol";
import { hear, tell } from "@satsuma/rooms";
import type { Edge } from "./edge.ts";

export const satsumaEdge: Edge = {
  hear: (socket, frame) => [hear(socket, frame)],
  tell: (effect) => (effect.effect === "close" ? undefined : tell(effect)),
  refuse: (refusal: Refusal) => JSON.stringify({ type: "error", ...refusal } satisfies ServerMessage),
  resync: '{"type":"resync"}',
};
