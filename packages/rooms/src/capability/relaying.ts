/** What passes through the room and is kept nowhere: flying emoji, and an app's own data. */
import { type Asker, done, type Outcome, refused, type Speaker } from "../asker.ts";
import type { SocketId } from "../input.ts";
import type { Turn } from "../turn.ts";
import { slowDown } from "./chatting.ts";

export function emote(turn: Turn, speaker: Speaker, emoji: string): Outcome {
  const hasty = slowDown(turn, speaker);
  if (hasty) return hasty;
  const { id, name } = speaker.member.face;
  turn.tell("everyone", { type: "emoted", from: id, name, emoji });
  return done;
}

/** To everyone, the sender too, who so learns the order; or to some of those who are here. */
export function relay(
  turn: Turn,
  asker: Asker,
  topic: string,
  payload: string,
  to: readonly string[] | undefined,
): Outcome {
  const from = asker.actor.participant ?? "server";
  const message = { type: "relayed", from, topic, payload } as const;
  if (!to) {
    turn.tell("everyone", message);
    return done;
  }
  const sockets: SocketId[] = [];
  for (const id of new Set(to)) {
    const place = turn.data.members.get(id)?.place;
    if (!place) return refused("not-found", "There is nobody of that id in the room.");
    if (place.state === "connected") sockets.push(place.socket);
  }
  turn.tell(sockets, message);
  return done;
}
