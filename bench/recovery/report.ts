/** What came of all faults, as a table for people, and as a page with a chart for the docs. */
import { cpus, loadavg } from "node:os";
import { chartOf } from "../bars.ts";
import type { Outcome, Side } from "./measure.ts";

const heads = ["fault", "its length", "back, of which", "picture", "sound", "connections", "lost", "state", "aim"];

export function table(outcomes: readonly Outcome[]): string {
  const rows = outcomes.map((one) => [
    one.name,
    seconds(one.lasted),
    seconds(Math.max(one.anna.back, one.ben.back)),
    sides(one, ({ still }) => still),
    sides(one, ({ silent }) => silent),
    `${one.connections}, ${one.path}`,
    one.lost.length === 0 ? "nothing" : one.lost.join("; "),
    one.same ? "the same" : "another",
    `${seconds(one.aim)} ${one.met ? "met" : "**missed**"}`,
  ]);
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [line(heads), line(heads.map(() => "---")), ...rows.map(line)].join("\n");
}

/** Longest first cell: who had the bad day, then the other. */
function sides({ anna, ben }: Outcome, of: (side: Side) => number): string {
  return `${seconds(of(anna))}, ${seconds(of(ben))}`;
}

export function chart(outcomes: readonly Outcome[]): string {
  const bars = outcomes.map(({ name, anna, ben }) => ({
    label: name,
    value: Math.max(anna.back, ben.back),
  }));
  return chartOf([{ title: "Milliseconds from the end of the fault until sound and picture flowed at both", bars }]);
}

export function page(outcomes: readonly Outcome[], date: string): string {
  return `# When something breaks

![Milliseconds until media flows again](recovery.svg)

\`npm run bench:recovery -- --write\`, ${date}. ${machine()}.

${table(outcomes)}

Two people in a call of the meeting app, each in a Chromium of their own with a fake camera (15 frames a second) and a voice.
Faults are done to one of them, Anna, whose HTTP, sockets and media pass a relay of the test kit; Ben is on the loopback. Room
server and media server are two processes. Nobody presses anything during a fault: the bench only looks.

- **Back** is from the end of the fault until pictures and sound flow again, at both, for good. 0: neither ever stopped, or
  both were back before the end.
- **Picture** and **sound** are the longest times without any, at Anna and at Ben; frames by \`requestVideoFrameCallback\`, sound by
  samples that were not made up. Below a second nothing counts as stopped: a busy machine alone makes such gaps.
- **Connections** is how many media connections Anna's page made, and how its last one goes.
- **Lost**: during the fault both say something and mute themselves, through the client, as somebody does who has not noticed
  yet. Words must be there once at both, mutes must be seen, and in the end both rooms must say what they said before.
- A change of address is what a NAT does that forgets: the relay goes on with another port towards the media server.
- The camera is taken away by ending Chromium's capture service, which ends the track as unplugging does; the device can be
  opened again at once, since a service is started anew. Chromium's fake devices cannot be unplugged.
- Asleep and frozen are SIGSTOP, of all of Chromium's processes (with its UDP cut) and of its renderers. Clocks go on meanwhile.
- With UDP blocked for good the only way is a coturn that is reached over TCP. Where it never passed, Anna is in the lobby when the
  clock begins, with the press of the button; picture and sound are then the time until the first of each.

What each showed to whom, and when:

${outcomes.map(shown).join("\n")}
`;
}

function shown({ name, shown: { anna, ben } }: Outcome): string {
  const told = (who: string, states: readonly string[]) =>
    states.length === 0 ? "" : `\n  - ${who}: ${states.join(" → ")}`;
  const both = told("Anna", anna) + told("Ben", ben);
  return `- ${name}${both === "" ? ": nothing" : both}`;
}

export function machine(): string {
  const load = loadavg()[0]?.toFixed(1);
  return `${cpus().length} × ${cpus()[0]?.model ?? "unknown"}, Node ${process.versions.node}, ${process.platform}, load ${load}`;
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1_000).toFixed(1)} s`;
}
