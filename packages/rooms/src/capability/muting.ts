/** Whether a published track carries anything. */
import { refusal } from "@satsuma/protocol";
import type { Speaker, Turn } from "../turn.ts";

export function mute(turn: Turn, speaker: Speaker, id: number, name: string, muted: boolean): void {
  const track = turn.participant(speaker.member.id).tracks.find((other) => other.name === name);
  if (!track) {
    turn.refuse(speaker.socket, refusal("not-found", "You have published no track of that name."), id);
    return;
  }
  if (track.muted !== muted) turn.change({ change: "muted", id: speaker.member.id, name, muted });
  turn.ack(speaker.socket, id);
}
