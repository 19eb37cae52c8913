/** Orange's dialect as an edge: its words are read and written by `@satsuma/rooms`, and so is when the state is told. */
import { type Result, refusal } from "@satsuma/protocol";
import { hearOrange, orangeErrorOf } from "@satsuma/rooms";
import { parse } from "hono/utils/cookie";
import type { Edge } from "../rooms/edge.ts";
import type { Identify } from "./identify.ts";
import type { Locks } from "./lock.ts";

/** What the door knows of a socket, once per life of the room that it is in. */
export interface OrangeKnown {
  readonly id: string;
  readonly name: string;
  readonly person: string;
  readonly since: number;
  readonly sessions: readonly string[];
}

/** What a door finds out about a socket, from the headers of the request that opens it. */
export async function orangeKnown(
  id: string | undefined,
  header: (name: string) => string | undefined,
  identify: Identify,
  locks: Locks,
): Promise<Result<OrangeKnown>> {
  const visitor = await identify(header);
  if (!visitor) return nobody;
  const held = await locks.read(parse(header("cookie") ?? ""), visitor);
  const sessions = held.map(({ session }) => session);
  return { ok: true, value: { id: id ?? crypto.randomUUID(), ...visitor, sessions } };
}

const nobody = { ok: false, refusal: refusal("unauthorized", "Only who has a name may enter a room.") } as const;

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
  refuse: (why) => orangeErrorOf(why),
  resync,
};
