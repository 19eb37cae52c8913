/** Our own dialect (docs/protocol.md) as an edge: its words are read and written by `@satsuma/rooms`. */
import { commandIdOf, type Participant, type Refusal, type ServerMessage } from "@satsuma/protocol";
import { hear, tell } from "@satsuma/rooms";
import type { Edge } from "./edge.ts";

export const satsumaEdge: Edge = {
  hear: (socket, frame) => [hear(socket, frame)],
  tell: (message) => [message.type === "snapshot" ? tellSnapshot(message) : tell(message)],
  refuse: (refusal: Refusal, frame = "") => {
    const id = commandIdOf(frame);
    return JSON.stringify({ type: "error", ...(id !== undefined && { id }), ...refusal } satisfies ServerMessage);
  },
  resync: '{"type":"resync"}',
};

/** Participants as they were written last: whoever did not change is the same object. */
const written = new WeakMap<Participant, string>();

/**
 * A snapshot costs as much as there are participants, and when a thousand join there are a thousand of them. Nearly all
 * participants are as they were in the one before.
 */
function tellSnapshot(message: Extract<ServerMessage, { type: "snapshot" }>): string {
  const { participants, ...state } = message.state;
  const { state: _, ...rest } = message;
  const head = JSON.stringify({ ...rest, state });
  return `${head.slice(0, -2)},"participants":[${participants.map(textOf).join(",")}]}}`;
}

function textOf(participant: Participant): string {
  const known = written.get(participant);
  if (known !== undefined) return known;
  const text = JSON.stringify(participant);
  written.set(participant, text);
  return text;
}
