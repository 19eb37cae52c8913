/** A moderator's word about those who wait in the lobby. */
import { refusal } from "@satsuma/protocol";
import { type Asker, done, type Outcome, refused } from "../asker.ts";
import type { SocketId } from "../input.ts";
import type { Turn } from "../turn.ts";
import { admission, letIn } from "./admission.ts";
import { type Entered, enter, welcome } from "./entering.ts";
import { type Knocking, knocking } from "./lobby.ts";

export function admit(turn: Turn, asker: Asker, ids: readonly string[] | undefined): Outcome {
  const chosen = choose(turn, ids);
  if (!chosen) return nobody;
  const entered: Entered[] = [];
  for (const [socket, { claims, entrance }] of chosen) {
    const { identity, participant } = claims;
    letIn(turn, identity);
    turn.event({ type: "moderated", did: "admit", by: asker.actor, who: { participant, identity } });
    // Whoever was banned, and whatever filled up meanwhile, still counts.
    const verdict = admission(turn, claims, entrance);
    if (verdict.may === "enter") entered.push(enter(turn, socket, claims, entrance));
    else if (verdict.may === "not") turn.dismiss(socket, verdict.refusal);
  }
  welcome(turn, entered);
  return done;
}

export function deny(turn: Turn, asker: Asker, ids: readonly string[] | undefined): Outcome {
  const chosen = choose(turn, ids);
  if (!chosen) return nobody;
  for (const [socket, { claims }] of chosen) {
    const { identity, participant } = claims;
    turn.event({ type: "moderated", did: "deny", by: asker.actor, who: { participant, identity } });
    turn.dismiss(socket, refusal("denied", "You were not let in."));
  }
  return done;
}

function choose(turn: Turn, ids: readonly string[] | undefined): [SocketId, Knocking][] | undefined {
  const waiting = [...knocking(turn.data)];
  if (!ids) return waiting;
  const chosen = waiting.filter(([, { claims }]) => ids.includes(claims.participant));
  return chosen.length > 0 ? chosen : undefined;
}

const nobody: Outcome = refused("not-found", "Nobody of that id waits.");
