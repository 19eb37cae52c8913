import type { ChatMessage, Command } from "@satsuma/protocol";
import { expect, test } from "vitest";
import type { Room } from "../room.ts";
import type { Answer } from "../session/asks.ts";
import type { Happening } from "../session/words.ts";
import { Chat } from "./chat.ts";

/** A room that answers when it is told to. */
function room() {
  const listeners = new Set<() => void>();
  const hearers = new Set<(happening: Happening) => void>();
  const asked: { command: Command; answer: (answer: Answer) => void }[] = [];
  let state = "connecting";
  const model = {
    snapshot: () => ({ connection: { state }, me: "me", participants: [{ local: true, identity: "me" }] }),
    subscribe: (listener: () => void) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    onHappening: (hearer: (happening: Happening) => void) => {
      hearers.add(hearer);
      return () => hearers.delete(hearer);
    },
    do: (command: Command) => new Promise<Answer>((answer) => asked.push({ command, answer })),
  };
  return {
    chat: new Chat(model as unknown as Room),
    asked,
    listeners: () => listeners.size + hearers.size,
    become(next: string) {
      state = next;
      for (const listener of listeners) listener();
    },
    hear(seq: number) {
      for (const hearer of hearers) hearer({ type: "chat", n: seq, event: "said", message: message(seq) });
    },
    reread(messages: ChatMessage[], more = false) {
      for (const hearer of hearers) hearer({ type: "reread", messages, more });
    },
    async answer(messages: ChatMessage[], more = false) {
      asked.shift()?.answer({ ok: true, version: 1, result: { of: "read", messages, more } });
      await new Promise((resolve) => setImmediate(resolve));
    },
  };
}

function message(seq: number): ChatMessage {
  return { seq, at: seq, from: { participant: "ann", identity: "ann", name: "Ann" }, text: `${seq}` };
}

const seqs = ({ chat }: ReturnType<typeof room>) => chat.snapshot().messages.map(({ seq }) => seq);

test("the newest page is read once the room is there, and what was missed comes from the room without a question", async () => {
  const stage = room();
  expect(stage.asked).toEqual([]);
  stage.become("connected");
  stage.become("connected");
  expect(stage.asked.map(({ command }) => command)).toEqual([{ do: "read", limit: 50 }]);
  await stage.answer([message(2), message(1)]);
  stage.hear(3);
  stage.become("reconnecting");
  stage.become("connected");
  expect(stage.asked).toEqual([]);
  stage.reread([message(5), message(4), message(3), { ...message(2), text: "changed" }]);
  stage.hear(4);
  stage.hear(5);
  expect(seqs(stage)).toEqual([1, 2, 3, 4, 5]);
  expect(stage.chat.snapshot().messages[1]?.text).toBe("changed");
  expect(stage.chat.snapshot().unread).toBe(3);
  stage.chat.seen();
  expect(stage.chat.snapshot().unread).toBe(0);
});

test("a first page that was refused is asked for at the next return", async () => {
  const stage = room();
  stage.become("connected");
  stage.asked.shift()?.answer({ ok: false, refusal: { code: "too-many-requests", message: "", retry: true } });
  await new Promise((resolve) => setImmediate(resolve));
  stage.become("reconnecting");
  stage.become("connected");
  expect(stage.asked).toHaveLength(1);
});

test("older ones are read before the oldest that is held; a refusal changes nothing", async () => {
  const stage = room();
  stage.become("connected");
  await stage.answer([message(9), message(8)], true);
  void stage.chat.older();
  expect(stage.asked[0]?.command).toEqual({ do: "read", limit: 50, before: 8 });
  await stage.answer([message(7)], false);
  expect(seqs(stage)).toEqual([7, 8, 9]);
  void stage.chat.older();
  const before = stage.chat.snapshot();
  stage.asked.shift()?.answer({ ok: false, refusal: { code: "too-many-requests", message: "", retry: true } });
  await new Promise((resolve) => setImmediate(resolve));
  expect(stage.chat.snapshot()).toBe(before);
});

test("older ones that come after what is held has become another do not leave a gap", async () => {
  const stage = room();
  stage.become("connected");
  await stage.answer([message(3)], true);
  void stage.chat.older();
  stage.reread([message(99), message(98)], true);
  await stage.answer([message(2)], false);
  expect(seqs(stage)).toEqual([98, 99]);
});

test("what is said goes to the room, and a closed chat hears nothing", () => {
  const stage = room();
  void stage.chat.say("hello", { reply: 3 });
  void stage.chat.react(3, "👍", true);
  expect(stage.asked.map(({ command }) => command)).toEqual([
    { do: "say", text: "hello", reply: 3 },
    { do: "react", seq: 3, emoji: "👍", on: true },
  ]);
  stage.chat.close();
  expect(stage.listeners()).toBe(0);
});
