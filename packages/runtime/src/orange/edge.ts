/** Orange's dialect as an edge: its words are read and written by `@satsuma/rooms`, and so is when the state is told. */
import { hearOrange, orangeErrorOf } from "@satsuma/rooms";
import type { Edge } from "../rooms/edge.ts";

/** What the door knows of a socket, once per life of the room that it is in. */
export interface OrangeKnown {
  readonly id: string;
  readonly name: string;
  readonly person: string;
  readonly since: number;
  readonly sessions: readonly string[];
}

/** A frame that no client sends; the outlet says it for a reader that has caught up. */
const resync = "resync";

export const orangeEdge: Edge = {
  greet: (socket, known) => {
    return [{ heard: "input", input: { input: "orange-opened", socket, ...(known as OrangeKnown) } }];
  },
  hear: (socket, frame) => [
    { heard: "input", input: frame === resync ? { input: "orange-resync", socket } : hearOrange(socket, frame) },
  ],
  // Nothing is said to it in the other dialect's words.
  tell: () => [],
  refuse: orangeErrorOf,
  resync,
};
