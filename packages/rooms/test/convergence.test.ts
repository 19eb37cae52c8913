import fc from "fast-check";
import { expect, test } from "vitest";
import type { RoomCommand } from "../src/index.ts";
import { microphone, type Peer, Stage } from "./stage.ts";

/** What can happen to a room; numbers pick among the sockets, participants and sessions there are. */
type Step =
  | { readonly step: "open" }
  | { readonly step: "hello" | "reload"; readonly socket: number; readonly who: number }
  | { readonly step: "lose" | "ping" | "resync" | "garbage"; readonly socket: number }
  | { readonly step: "command"; readonly socket: number; readonly command: RoomCommand }
  | { readonly step: "bind"; readonly who: number; readonly session: number }
  | { readonly step: "unbind"; readonly session: number }
  | { readonly step: "pass"; readonly milliseconds: number };

const socket = fc.nat(11);
const who = fc.nat(3);
const session = fc.nat(2);
const name = fc.constantFrom("a", "b", "c");
const command: fc.Arbitrary<RoomCommand> = fc.oneof(
  fc.record({
    do: fc.constant("publish" as const),
    tracks: fc.array(
      fc.tuple(session, name).map(([number, track]) => microphone(`s${number}`, track)),
      {
        minLength: 1,
        maxLength: 3,
      },
    ),
  }),
  fc.record({ do: fc.constant("unpublish" as const), names: fc.array(name, { minLength: 1, maxLength: 2 }) }),
  fc.record({ do: fc.constant("mute" as const), name, muted: fc.boolean() }),
  fc.record({ do: fc.constant("rename" as const), name }),
  fc.record({ do: fc.constant("leave" as const) }),
);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 2, arbitrary: fc.record({ step: fc.constant("open" as const) }) },
  { weight: 4, arbitrary: fc.record({ step: fc.constantFrom("hello" as const, "reload" as const), socket, who }) },
  {
    weight: 4,
    arbitrary: fc.record({
      step: fc.constantFrom("lose" as const, "ping" as const, "resync" as const, "garbage" as const),
      socket,
    }),
  },
  { weight: 6, arbitrary: fc.record({ step: fc.constant("command" as const), socket, command }) },
  { weight: 2, arbitrary: fc.record({ step: fc.constant("bind" as const), who, session }) },
  { weight: 1, arbitrary: fc.record({ step: fc.constant("unbind" as const), session }) },
  { weight: 3, arbitrary: fc.record({ step: fc.constant("pass" as const), milliseconds: fc.nat(12_000) }) },
);

/** Few tokens and few places, so that limits are met as well. */
const tight = { participants: 3, waiting: 3, messageBurst: 6, messageRate: 1, sessions: 2, deltasKept: 8 };

test("[RM1][RM2][RM4] whatever happens in whatever order, every joined socket holds the room's state", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
      const stage = new Stage(tight);
      for (const next of steps) {
        const before = stage.room.state.version;
        take(stage, next);
        if (next.step !== "pass" && next.step !== "reload") {
          expect(stage.room.state.version - before).toBeLessThanOrEqual(1);
        }
        expectConverged(stage);
      }
    }),
    { numRuns: 600 },
  );
});

test("[RM22][RM26] whatever happened, nobody is left when everyone has been silent for long enough", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
      const stage = new Stage(tight);
      for (const next of steps) take(stage, next);
      const { pingInterval, grace } = stage.settings;
      stage.pass(3 * pingInterval + grace + stage.settings.emptyFor);
      expect(stage.room.state.participants).toEqual([]);
      expect(stage.room.nextDeadline()).toBeUndefined();
      if (steps.some(({ step }) => step === "open" || step === "reload")) expect(stage.ended).toBeGreaterThan(0);
    }),
    { numRuns: 300 },
  );
});

test("[RM50] a room written down at any moment and read back converges again", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), fc.array(step, { maxLength: 60 }), (earlier, later) => {
      const stage = new Stage(tight);
      for (const next of earlier) take(stage, next);
      const people = stage.room.state.participants.map(({ id }) => id);
      stage.restart();
      expect(stage.room.state.participants.map(({ id }) => id)).toEqual(people);
      for (const next of later) {
        take(stage, next);
        expectConverged(stage);
      }
    }),
    { numRuns: 200 },
  );
});

function take(stage: Stage, next: Step): void {
  switch (next.step) {
    case "open":
      stage.open();
      break;
    case "hello":
      pick(stage, next.socket, (peer) => stage.hello(peer, `p${next.who}`));
      break;
    case "reload":
      stage.join(`p${next.who}`);
      break;
    case "lose":
      pick(stage, next.socket, (peer) => stage.lose(peer));
      break;
    case "ping":
    case "resync":
      pick(stage, next.socket, (peer) => stage.play({ input: next.step as "ping", socket: peer.socket }));
      break;
    case "garbage": {
      const refusal = { code: "bad-message", message: "no", retry: false } as const;
      pick(stage, next.socket, (peer) => stage.play({ input: "rejected", socket: peer.socket, refusal }));
      break;
    }
    case "command":
      pick(stage, next.socket, (peer) => stage.command(peer, next.command));
      break;
    case "bind":
      stage.bind(`p${next.who}`, `s${next.session}`);
      break;
    case "unbind":
      stage.play({ input: "unbound", session: `s${next.session}` });
      break;
    case "pass":
      stage.pass(next.milliseconds);
      break;
  }
}

/** Closed and lost sockets are among them: a late word of theirs is part of the game. */
function pick(stage: Stage, number: number, act: (peer: Peer) => void): void {
  const peers = [...stage.peers.values()].slice(-12);
  const peer = peers[number % Math.max(1, peers.length)];
  if (peer) act(peer);
}

function expectConverged(stage: Stage): void {
  const live = [...stage.peers.values()].filter((peer) => !peer.lost && peer.closed === undefined);
  const joined = live.filter((peer) => peer.received.length > 0);
  for (const peer of joined) expect(peer.view).toEqual(stage.room.state);
  const connected = stage.room.state.participants.filter(({ connection }) => connection === "connected");
  expect(joined).toHaveLength(connected.length);
  expect(stage.room.state.participants.length).toBeLessThanOrEqual(tight.participants);
}
