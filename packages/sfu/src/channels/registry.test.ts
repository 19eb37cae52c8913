import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ChannelRegistry } from "./registry.ts";

const chat = { session: "pub", name: "chat" };
const publisher = { session: "pub", id: 2 };
const one = { session: "one", id: 2 };
const two = { session: "two", id: 4 };
const plain = { canReply: false, waitForAck: false };

describe("a message", () => {
  test("of the publisher goes to every subscriber, and of a subscriber nowhere", () => {
    const registry = begin();
    registry.subscribe(one, chat, plain, 0);
    registry.subscribe(two, chat, plain, 0);
    expect(registry.targets(publisher)).toEqual([one, two]);
    expect(registry.targets(one)).toEqual([]);
  });

  test("of the one subscriber that may reply goes to the publisher alone", () => {
    const registry = begin();
    registry.subscribe(one, chat, { ...plain, canReply: true }, 0);
    registry.subscribe(two, chat, plain, 0);
    expect(registry.targets(one)).toEqual([publisher]);
    expect(registry.targets(two)).toEqual([]);
  });

  test("of a channel that nobody knows goes nowhere", () => {
    expect(begin().targets({ session: "pub", id: 3 })).toEqual([]);
  });
});

describe("the right to reply", () => {
  test("has one holder: giving it takes it from the other, and taking it back leaves none", () => {
    const registry = begin();
    registry.subscribe(one, chat, { ...plain, canReply: true }, 0);
    registry.subscribe(two, chat, { ...plain, canReply: true }, 0);
    expect([registry.targets(one), registry.targets(two)]).toEqual([[], [publisher]]);
    expect(registry.allowReply("one", chat, true)).toBe(true);
    expect([registry.targets(one), registry.targets(two)]).toEqual([[publisher], []]);
    expect(registry.allowReply("two", chat, false)).toBe(true);
    expect(registry.targets(one)).toEqual([publisher]);
    expect(registry.allowReply("one", chat, false)).toBe(true);
    expect(registry.targets(one)).toEqual([]);
  });

  test("is refused to a session that has no subscription", () => {
    const registry = begin();
    expect(registry.allowReply("one", chat, true)).toBe(false);
    expect(registry.allowReply("one", { session: "pub", name: "other" }, true)).toBe(false);
  });

  test("ends with its holder's channel", () => {
    const registry = begin();
    registry.subscribe(one, chat, { ...plain, canReply: true }, 0);
    registry.close(one);
    expect(registry.targets(one)).toEqual([]);
    expect(registry.targets(publisher)).toEqual([]);
  });
});

describe("a subscriber that is awaited", () => {
  const awaited = { canReply: true, waitForAck: true };

  test("gets nothing before its first message, which is swallowed", () => {
    const registry = begin();
    registry.subscribe(one, chat, awaited, 0);
    expect(registry.targets(publisher)).toEqual([]);
    expect(registry.targets(one)).toEqual([]);
    expect(registry.targets(publisher)).toEqual([one]);
    expect(registry.targets(one)).toEqual([publisher]);
    expect(registry.expired(1_000_000)).toEqual([]);
    expect(registry.nextDeadline()).toBeUndefined();
  });

  test("is given up after 30 s, and not before", () => {
    const registry = begin();
    registry.subscribe(one, chat, awaited, 1_000);
    registry.subscribe(two, chat, awaited, 5_000);
    expect(registry.nextDeadline()).toBe(31_000);
    expect(registry.expired(30_999)).toEqual([]);
    expect(registry.expired(31_000)).toEqual([one]);
    expect(registry.nextDeadline()).toBe(35_000);
    expect(registry.targets(one)).toEqual([]);
  });
});

test("a name is free again when its channel closed, and old subscribers hear nothing of its successor", () => {
  const registry = begin();
  registry.subscribe(one, chat, plain, 0);
  expect(registry.published("pub", "chat")).toBe(true);
  expect(registry.close(publisher)).toBe(true);
  expect(registry.close(publisher)).toBe(false);
  expect(registry.published("pub", "chat")).toBe(false);
  registry.publish({ session: "pub", id: 9 }, "chat");
  expect(registry.targets({ session: "pub", id: 9 })).toEqual([]);
});

test("whatever is opened and closed, at most one subscriber reaches the publisher, and nobody reaches two", () => {
  const act = fc.record({
    do: fc.constantFrom("subscribe", "grant", "revoke", "close", "say"),
    who: fc.nat(4),
    canReply: fc.boolean(),
    waitForAck: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(act, { maxLength: 60 }), (acts) => {
      const registry = begin();
      const open = new Set<number>();
      for (const { do: verb, who, canReply, waitForAck } of acts) {
        const address = { session: `s${who}`, id: 2 };
        if (verb === "subscribe" && !open.has(who)) {
          registry.subscribe(address, chat, { canReply, waitForAck }, 0);
          open.add(who);
        }
        if (verb === "grant") expect(registry.allowReply(address.session, chat, true)).toBe(open.has(who));
        if (verb === "revoke") registry.allowReply(address.session, chat, false);
        if (verb === "close") expect(registry.close(address)).toBe(open.delete(who));
        if (verb === "say") registry.targets(address);
        const heard = registry.targets(publisher).map(({ session }) => session);
        expect(new Set(heard).size).toBe(heard.length);
        for (const session of heard) expect(open.has(Number(session.slice(1)))).toBe(true);
      }
      // Everybody's first message is over after this one.
      for (const who of open) registry.targets({ session: `s${who}`, id: 2 });
      const replies = [...open].filter((who) => registry.targets({ session: `s${who}`, id: 2 }).length > 0);
      expect(replies.length).toBeLessThanOrEqual(1);
    }),
  );
});

function begin(): ChannelRegistry {
  const registry = new ChannelRegistry();
  registry.publish(publisher, "chat");
  return registry;
}
