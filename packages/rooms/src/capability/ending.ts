/** The end of the process: everyone is told. Nobody leaves by it; the room is as it is stored. */
import { refusal } from "@satsuma/protocol";
import type { Turn } from "../turn.ts";

export function shutDown(turn: Turn): void {
  const goodbye = refusal("shutting-down", "The server is shutting down.");
  for (const id of turn.data.sockets.keys()) turn.dismiss(id, goodbye);
  turn.stop();
}
