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

const messages: readonly [string, (socket: number, to: string) => Input][] = [
  ["a ping", (socket) => ({ input: "ping", socket })],
  ["a signal", (socket) => ({ input: "signal", socket, signal: { speaking: true, quality: "poor", typing: true } })],
  ["a rename", (socket) => ({ input: "command", socket, id: 2, command: { do: "rename", name: "Else" } })],
  ["a mute", (socket) => ({ input: "command", socket, id: 2, command: { do: "mute", name: "mic", muted: true } })],
  ["a word to all", (socket) => ({ input: "command", socket, id: 2, command: { do: "say", text: "Hello" } })],
  ["a word to one", (socket, to) => ({ input: "command", socket, id: 2, command: { do: "say", text: "Hello", to } })],
  ["an entry", (socket) => ({ input: "command", socket, id: 2, command: { do: "set", key: "k", value: 1 } })],
  ["a lost socket", (socket) => ({ input: "closed", socket })],
];

test.each(messages)("[RM2] for %s the room does not go through all that it has of everybody", (_, message) => {
  const { stage, socket } = roomOf(200);
  for (let entry = 0; entry < 200; entry++) stage.order({ do: "set", key: `entry-${entry}`, value: entry });
  const walked = walks(() => stage.room.handle(message(socket, longId(7)), stage.now));
  expect(walked).toEqual([]);
});

/** The sizes of those maps and sets of a hundred and more that are gone through meanwhile. */
function walks(work: () => void): number[] {
  const sizes: number[] = [];
  const undo: (() => void)[] = [];
  for (const { prototype } of [Map, Set]) {
    for (const name of ["values", "entries", "keys", "forEach", Symbol.iterator] as const) {
      const own = Reflect.get(prototype, name) as (...given: unknown[]) => unknown;
      const noting = function (this: Map<unknown, unknown>, ...given: unknown[]): unknown {
        if (this.size >= 100) sizes.push(this.size);
        return own.apply(this, given);
      };
      Reflect.set(prototype, name, noting);
      undo.push(() => Reflect.set(prototype, name, own));
    }
  }
  try {
    work();
  } finally {
    for (const back of undo) back();
  }
  return sizes;
}
