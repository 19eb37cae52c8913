/** The end of the process: everyone is told, nobody is kept. */
import { refusal } from "@satsuma/protocol";
import type { Turn } from "../turn.ts";

export function shutDown(turn: Turn): void {
  const goodbye = refusal("shutting-down", "The server is shutting down.");
  for (const id of turn.data.sockets.keys()) turn.dismiss(id, goodbye);
  // No delta: those who would read it have just been closed, and a restarted room begins empty.
  turn.data.members.clear();
  turn.data.state = { ...turn.data.state, participants: [] };
}
