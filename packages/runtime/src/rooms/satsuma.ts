/** Our own dialect (docs/protocol.md) as an edge: its words are read and written by `@satsuma/rooms`. */
import type { Refusal, ServerMessage } from "@satsuma/protocol";
import { hear, tell } from "@satsuma/rooms";
import type { Edge, Said } from "./edge.ts";

export const satsumaEdge: Edge = {
  hear: (socket, frame) => [hear(socket, frame)],
  tell: (effect) => (isOurs(effect) ? tell(effect) : undefined),
  refuse: (refusal: Refusal) => JSON.stringify({ type: "error", ...refusal } satisfies ServerMessage),
  resync: '{"type":"resync"}',
};

function isOurs(effect: Said): effect is Parameters<typeof tell>[0] & Said {
  return effect.effect !== "close" && effect.effect !== "orange" && effect.effect !== "orange-close";
}
