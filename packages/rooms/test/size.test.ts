import type { ServerMessage } from "@satsuma/protocol";
import { expect, test } from "vitest";
import { type Effect, type Input, tell } from "../src/index.ts";
import { microphone, Stage } from "./stage.ts";

/** Ids as long as real ones. */
const longId = (number: number) => `0a1b2c3d-0000-4000-8000-${String(number).padStart(12, "0")}`;

function roomOf(members: number) {
  const stage = new Stage({ signalRate: 1_000_000 });
  const peers = Array.from({ length: members }, (_, number) => {
    const id = longId(number);
    const peer = stage.open();
    stage.play({
      input: "hello",
      socket: peer.socket,
      claims: { room: "r", participant: id, identity: id, name: `N${number}` },
    });
    stage.bind(id, `s${number}`);
    return peer;
  });
  const socket = peers[0]?.socket ?? 0;
  stage.play({ input: "command", socket, id: 1, command: { do: "publish", tracks: [microphone("s0")] } });
  return { stage, socket };
}

function toEveryone(effects: readonly Effect[]): ServerMessage[] {
  return effects.flatMap((effect) => (effect.effect === "send" && effect.to === "everyone" ? [effect.message] : []));
}

const updates: readonly [string, Input | ((socket: number) => Input)][] = [
  ["a mute", (socket) => ({ input: "command", socket, id: 2, command: { do: "mute", name: "mic", muted: true } })],
  ["a rename", (socket) => ({ input: "command", socket, id: 3, command: { do: "rename", name: "Somebody Else" } })],
  ["a hand", (socket) => ({ input: "command", socket, id: 4, command: { do: "raise" } })],
  ["a lost socket", (socket) => ({ input: "closed", socket })],
];

test.each(updates)(
  "[RM2] %s is one message of under 250 bytes, the same for ten members as for two hundred",
  (_, update) => {
    const sizes = [10, 200].map((members) => {
      const { stage, socket } = roomOf(members);
      const messages = toEveryone(stage.room.handle(typeof update === "function" ? update(socket) : update, stage.now));
      expect(messages).toHaveLength(1);
      return tell(messages[0] as ServerMessage).length;
    });
    expect(Math.max(...sizes)).toBeLessThan(250);
    // The version has more digits in the larger room, and nothing else is longer.
    expect(Math.abs((sizes[0] ?? 0) - (sizes[1] ?? 0))).toBeLessThan(8);
  },
);

test("[RM111] what a hundred say of themselves in a moment is a message of two kilobytes at the most", () => {
  const { stage } = roomOf(100);
  for (const { socket } of stage.peers.values()) {
    stage.play({ input: "signal", socket, signal: { speaking: true, quality: "poor" } });
  }
  const sizes: number[] = [];
  for (let woken = 0; woken < 20; woken++) {
    stage.now = stage.room.nextDeadline() ?? stage.now;
    for (const message of toEveryone(stage.room.handle({ input: "wake" }, stage.now))) sizes.push(tell(message).length);
  }
  expect(sizes.length).toBeGreaterThan(4);
  expect(Math.max(...sizes)).toBeLessThan(2_048);
});
