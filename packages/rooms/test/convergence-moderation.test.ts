/** Moderation, listeners and the lobby in any order: what was done holds, and those who have to know of it do. */
import fc from "fast-check";
import { expect, test } from "vitest";
import type { RoomCommand } from "../src/index.ts";
import { grantsOf, heard, type Peer, Stage } from "./stage.ts";
import { life, take, tight } from "./steps.ts";

/** As in convergence.test.ts. */
const lives = Number(process.env.ROOM_LIVES ?? 60);
const patience = Math.max(120_000, lives * 1_000);

test(
  "[RM62][RM65][RM66][RM70][RM71][RM74][RM75] what a moderator did is so when they are told that it is done",
  () => {
    fc.assert(
      fc.property(life(120), (steps) => {
        const stage = new Stage(tight);
        stage.observe = ({ command, answer, repeated }) => {
          if (answer?.type === "ack" && !repeated) expectDone(stage, command);
        };
        for (const next of steps) {
          take(stage, next);
          const done = next.step === "order" ? [...stage.answers.values()].at(-1) : undefined;
          if (next.step === "order" && done?.ok && next.order.do !== "keep") {
            if (next.order.do !== "update" && next.order.do !== "revoke") expectDone(stage, next.order);
          }
        }
      }),
      { numRuns: lives },
    );
  },
  patience,
);

test(
  "[RM60][RM66] whatever happened, a moment later moderators know who waits, and everybody how many listen",
  () => {
    fc.assert(
      fc.property(life(100), (steps) => {
        const stage = new Stage(tight);
        for (const next of steps) take(stage, next);
        settle(stage);
        const waiting = stage.room.lobby();
        const listeners = stage.room.people().filter(({ role }) => role === "listener");
        expect(stage.room.presence.audience).toBe(listeners.length);
        for (const peer of joined(stage)) {
          expect(peer.presence?.audience).toBe(listeners.length);
          if (!grantsOf(peer).includes("moderate")) continue;
          // Whoever has become a moderator is told who waits, as whoever came as one.
          expect(heard(peer, "lobby").at(-1)).toMatchObject({ waiting, count: waiting.length });
        }
        for (const { id } of waiting) expect(stage.room.people().map((person) => person.id)).not.toContain(id);
        // Whoever goes back to the audience is let in there, full or not.
        expect(stage.room.people().length).toBeLessThanOrEqual(tight.listeners + tight.participants);
        expect(waiting.length).toBeLessThanOrEqual(tight.knocking);
        expect(stage.room.state.participants.map(({ role }) => role)).not.toContain("listener");
        for (const { tracks } of listeners) expect(tracks).toEqual([]);
      }),
      { numRuns: lives },
    );
  },
  patience,
);

/** Until everybody was told of what has happened, and nothing more has. */
function settle(stage: Stage): void {
  const { crowdWindow, signalWindow } = stage.settings;
  for (let before: unknown; JSON.stringify(stage.room.people()) !== before; ) {
    before = JSON.stringify(stage.room.people());
    stage.pass(crowdWindow + signalWindow);
  }
}

/** Right after it was acknowledged. */
function expectDone({ room }: Stage, command: RoomCommand): void {
  const people = room.people();
  const ids = people.map(({ id }) => id);
  const one = "id" in command ? people.find(({ id }) => id === command.id) : undefined;
  switch (command.do) {
    case "remove":
      expect(ids).not.toContain(command.id);
      break;
    case "ban":
      expect(people.map(({ identity }) => identity)).not.toContain(command.identity);
      expect(room.lobby().map(({ identity }) => identity)).not.toContain(command.identity);
      break;
    case "admit":
    case "deny": {
      const left = room.lobby().map(({ id }) => id);
      if (command.ids === undefined && command.do === "deny") expect(left).toEqual([]);
      if (command.do === "deny") for (const id of command.ids ?? []) expect(left).not.toContain(id);
      break;
    }
    case "silence":
      for (const track of one?.tracks ?? []) if (track.source === "microphone") expect(track.muted).toBe(true);
      break;
    case "stop":
      expect(one?.tracks.map(({ source }) => source)).not.toContain(command.source);
      break;
    case "set-role":
      expect(one?.role ?? command.role).toBe(command.role);
      break;
    case "transfer":
      expect(one?.role).toBe("host");
      break;
    case "lower":
      if (command.id !== undefined) expect(room.state.hands.map(({ id }) => id)).not.toContain(command.id);
      break;
    case "end":
      expect(people).toEqual([]);
      expect(room.lobby()).toEqual([]);
      break;
    case "record":
      expect(room.state.recording !== null).toBe(command.on);
      break;
    default:
      break;
  }
}

function joined(stage: Stage): Peer[] {
  const live = [...stage.peers.values()].filter((peer) => !peer.lost && peer.closed === undefined);
  return live.filter((peer) => peer.received.some(({ type }) => type === "welcome"));
}
