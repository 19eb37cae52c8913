/** How the room is run: its rules, its passcode, whether it is being recorded. */
import type { RuleChanges, Rules } from "@satsuma/protocol";
import { type Asker, done, may, type Outcome, refused } from "../asker.ts";
import { keyOf } from "../records.ts";
import type { Turn } from "../turn.ts";
import { letIn } from "./admission.ts";
import { andItsEnd, countEvents, refuseEvents } from "./logging.ts";
import { settleGrants } from "./permission.ts";

export function setRules(turn: Turn, asker: Asker, wanted: RuleChanges): Outcome {
  const { rules } = turn.data.state;
  if (wanted.endsAt !== undefined && wanted.endsAt !== null && wanted.endsAt <= turn.now) {
    return refused("bad-message", "A meeting cannot end in the past.");
  }
  const { locked, lobby, withheld, most, endsAt } = rules;
  apply(turn, {
    ...rules,
    locked: wanted.locked ?? locked,
    lobby: wanted.lobby ?? lobby,
    withheld: wanted.withheld ?? withheld,
    // Null is a value of these.
    most: wanted.most === undefined ? most : wanted.most,
    endsAt: wanted.endsAt === undefined ? endsAt : wanted.endsAt,
  });
  const detail = Object.entries(wanted).map(([rule, value]) => `${rule}=${value}`);
  turn.event({ type: "moderated", did: "set-rules", by: asker.actor, detail: detail.join(" ") });
  return done;
}

export function setPasscode(turn: Turn, asker: Asker, hash: string | null): Outcome {
  const { data } = turn;
  data.passcode = hash ?? undefined;
  apply(turn, { ...data.state.rules, passcode: hash !== null });
  turn.event({ type: "moderated", did: "set-passcode", by: asker.actor, detail: hash === null ? "off" : "on" });
  return done;
}

export function record(turn: Turn, asker: Asker, on: boolean): Outcome {
  if ((turn.data.state.recording !== null) === on) return done;
  if (on && asker.kind === "member") {
    const { identity } = asker.actor;
    const refusal = refuseEvents(turn, identity, andItsEnd);
    if (refusal) return { outcome: "refused", refusal };
    countEvents(turn, identity, andItsEnd);
  }
  turn.announce({ change: "recording", since: on ? turn.now : null });
  turn.touch(keyOf.meta);
  turn.event({ type: on ? "recording-started" : "recording-stopped", by: asker.actor }, may(asker, "moderate"));
  return done;
}

/** A room that is kept has no end of its own: it waits, with its rules, for whoever comes next. */
export function keep(turn: Turn, kept: boolean): Outcome {
  turn.data.kept = kept;
  turn.touch(keyOf.meta);
  return done;
}

function apply(turn: Turn, rules: Rules): void {
  const before = turn.data.state.rules;
  turn.announce({ change: "rules", rules });
  turn.touch(keyOf.meta);
  const stricter = ["locked", "lobby", "passcode"] as const;
  // Who is here now is no newcomer when they come back.
  if (stricter.some((rule) => rules[rule] && !before[rule])) {
    for (const { face } of turn.data.members.values()) letIn(turn, face.identity);
  }
  const changed = [...rules.withheld, ...before.withheld].some(
    (grant) => rules.withheld.includes(grant) !== before.withheld.includes(grant),
  );
  if (!changed) return;
  for (const member of turn.data.members.values()) settleGrants(turn, member);
}
