/** The name that others see. */
import type { Speaker, Turn } from "../turn.ts";

export function rename(turn: Turn, speaker: Speaker, id: number, name: string): void {
  if (turn.participant(speaker.member.id).name !== name)
    turn.change({ change: "renamed", id: speaker.member.id, name });
  turn.ack(speaker.socket, id);
}
