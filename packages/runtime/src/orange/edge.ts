/** Orange's dialect as an edge: its words are read and written by `@satsuma/rooms`, and so is when the state is told. */
import { hearOrange, orangeErrorOf, tellOrange } from "@satsuma/rooms";
import type { Edge } from "../rooms/edge.ts";

/** What the door knows of a socket, once per life of the room that it is in. */
export interface OrangeKnown {
  readonly id: string;
  readonly name: string;
  readonly person: string;
  readonly sessions: readonly string[];
}

/** A frame that no client sends; the outlet says it for a reader that has caught up. */
const resync = "resync";

export const orangeEdge: Edge = {
  greet: (socket, known) => {
    const { id, name, person, sessions } = known as OrangeKnown;
    const fresh = crypto.randomUUID();
    return [{ heard: "input", input: { input: "orange-opened", socket, id, name, person, sessions, fresh } }];
  },
  hear: (socket, frame) => [
    { heard: "input", input: frame === resync ? { input: "orange-resync", socket } : hearOrange(socket, frame) },
  ],
  tell: (effect) => (effect.effect === "orange" ? tellOrange(effect) : undefined),
  refuse: orangeErrorOf,
  resync,
};
