import type { ChatMessage } from "@satsuma/protocol";
import { expect, test } from "vitest";
import { ChatLog } from "./chat-log.ts";

function message(seq: number): ChatMessage {
  return { seq, at: seq * 1_000, from: { participant: "a", identity: "a", name: "Ada" }, text: `${seq}` };
}

const said = (seq: number) => ({ type: "chat", n: seq, event: "said", message: message(seq) }) as const;
const page = (more: boolean, ...seqs: number[]) => ({ of: "read", messages: seqs.map(message), more }) as const;

test("what was said after the last that was heard is told, oldest first, and nothing twice", () => {
  const log = new ChatLog();
  log.joined(0);
  log.heard(said(3));
  expect(log.missed()).toEqual({ do: "read", limit: 100 });
  // Came by itself after the snapshot: the gap before it is still to be filled.
  log.heard(said(6));
  expect(log.read(page(true, 6, 5, 4, 3, 2))).toEqual({ missed: [message(4), message(5)] });
  log.missed();
  expect(log.read(page(true, 6, 5))).toEqual({ missed: [] });
});

test("a gap of several pages is read to its beginning, also when the socket is lost in between", () => {
  const log = new ChatLog();
  log.joined(0);
  log.heard(said(1));
  log.missed();
  expect(log.read(page(true, 9, 8))).toEqual({ ask: { do: "read", before: 8, limit: 100 } });
  expect(log.open).toEqual({ do: "read", before: 8, limit: 100 });
  expect(log.read(page(true, 7, 6))).toMatchObject({ ask: { before: 6 } });
  expect(log.read(page(false, 2, 1))).toEqual({ missed: [2, 6, 7, 8, 9].map(message) });
  expect(log.open).toBeUndefined();
});

test("who has heard nothing yet misses nothing of before they came", () => {
  const log = new ChatLog();
  log.joined(5_000);
  log.missed();
  expect(log.read(page(true, 6, 5, 4, 3))).toEqual({ missed: [message(5), message(6)] });
});

test("pages without an end come to one", () => {
  const log = new ChatLog();
  log.joined(0);
  log.heard(said(1));
  log.missed();
  let asked = 1;
  for (let seq = 5_000; ; seq -= 1) {
    if (!("ask" in log.read(page(true, seq)))) break;
    asked += 1;
  }
  expect(asked).toBe(10);
});
