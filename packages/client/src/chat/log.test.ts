import type { ChatMessage } from "@satsuma/protocol";
import { describe, expect, test } from "vitest";
import { applied, type ChatView, emptyChat, mostKept, refreshed, withPage } from "./log.ts";

function message(seq: number, participant = "ann"): ChatMessage {
  return { seq, at: seq, from: { participant, identity: participant, name: participant }, text: `${seq}` };
}
const page = (...seqs: number[]) => seqs.map((seq) => message(seq));
const own = (id: string) => id === "me";
const said = (view: ChatView, seq: number, from?: string) =>
  applied(view, { event: "said", message: message(seq, from) }, own);
const seqs = ({ messages }: ChatView) => messages.map(({ seq }) => seq);

describe("what is said", () => {
  test("stands in order, once, and is unread unless it is one's own", () => {
    let view = withPage(emptyChat, [], false);
    for (const seq of [1, 3, 2, 3]) view = said(view, seq);
    view = said(view, 4, "me");
    expect(seqs(view)).toEqual([1, 2, 3, 4]);
    expect(view.unread).toBe(3);
  });

  test("is edited, deleted and reacted to; what is not held is left alone", () => {
    let view = said(emptyChat, 1);
    view = applied(view, { event: "edited", seq: 1, text: "better", at: 9 }, own);
    expect(view.messages[0]).toMatchObject({ text: "better", edited: 9 });
    view = applied(view, { event: "reacted", seq: 1, emoji: "👍", by: "bob", on: true, count: 1 }, own);
    view = applied(view, { event: "reacted", seq: 1, emoji: "👍", by: "me", on: true, count: 2 }, own);
    expect(view.messages[0]?.reactions).toEqual({ "👍": { count: 2, mine: true } });
    view = applied(view, { event: "reacted", seq: 1, emoji: "👍", by: "bob", on: false, count: 1 }, own);
    expect(view.messages[0]?.reactions).toEqual({ "👍": { count: 1, mine: true } });
    view = applied(view, { event: "reacted", seq: 1, emoji: "👍", by: "me", on: false, count: 0 }, own);
    expect(view.messages[0]?.reactions).toEqual({});
    view = applied(view, { event: "deleted", seq: 1 }, own);
    expect(view.messages[0]).toMatchObject({ text: "", deleted: true });
    expect(applied(view, { event: "deleted", seq: 7 }, own)).toBe(view);
  });

  test("is bounded, and what was let go can be had again", () => {
    let view = withPage(emptyChat, [], false);
    for (let seq = 1; seq <= mostKept + 10; seq += 1) view = said(view, seq);
    expect(view.messages).toHaveLength(mostKept);
    expect(seqs(view)[0]).toBe(11);
    expect(view.older).toBe(true);
  });
});

describe("pages", () => {
  test("of older messages stand in front, until there are no more", () => {
    let view = withPage(emptyChat, page(9, 8, 7), true);
    expect(view).toMatchObject({ older: true, unread: 0 });
    view = withPage(view, page(6, 5), false);
    expect(seqs(view)).toEqual([5, 6, 7, 8, 9]);
    expect(view.older).toBe(false);
  });

  test("after something was missed join on to what is held, or take its place", () => {
    const view = withPage(emptyChat, page(3, 2, 1), false);
    const joined = refreshed(view, page(5, 4), true);
    expect(seqs(joined)).toEqual([1, 2, 3, 4, 5]);
    expect(joined).toMatchObject({ older: false, unread: 2 });
    const apart = refreshed(view, page(9, 8), true);
    expect(seqs(apart)).toEqual([8, 9]);
    expect(apart).toMatchObject({ older: true, unread: 2 });
  });

  test("that come first make nothing unread, and nothing twice of what was said meanwhile", () => {
    const early = said(emptyChat, 5, "me");
    const view = refreshed(early, page(5, 4), false);
    expect(seqs(view)).toEqual([4, 5]);
    expect(view).toMatchObject({ older: false, unread: 0 });
  });
});
