import type { Participant, Track } from "@satsuma/protocol";
import { beforeEach, expect, test } from "vitest";
import { Wishes } from "./wishes.ts";

const track: Track = { name: "a", kind: "audio", source: "microphone", session: "s", muted: false };

function me(...tracks: Track[]): Participant {
  return {
    id: "me",
    identity: "me",
    name: "Me",
    role: "speaker",
    joinedAt: 0,
    connection: "connected",
    tracks,
    attributes: {},
  };
}

let wishes: Wishes;
beforeEach(() => {
  wishes = new Wishes();
  wishes.announce([track]);
});

test("one command is under way at a time", () => {
  expect(wishes.next(1, me(), "Me", 0)).toEqual({ do: "publish", tracks: [track] });
  wishes.rename("Ann");
  expect(wishes.next(2, me(), "Me", 0)).toBeUndefined();
  expect(wishes.answered(1)).toBe(true);
  expect(wishes.next(2, me(track), "Me", 0)).toEqual({ do: "rename", name: "Ann" });
});

test("a lasting refusal holds until something moves", () => {
  wishes.next(1, me(), "Me", 0);
  expect(wishes.refused(1, false, 0)).toBe(true);
  expect(wishes.next(2, me(), "Me", 1e9)).toBeUndefined();
  expect(wishes.nextDeadline()).toBeUndefined();
  wishes.moved();
  expect(wishes.next(2, me(), "Me", 0)).toBeDefined();
});

test("a refusal of what was wished before does not hold what is wished now", () => {
  wishes.next(1, me(), "Me", 0);
  const other = { ...track, session: "s2" };
  wishes.announce([other]);
  expect(wishes.refused(1, false, 0)).toBe(true);
  expect(wishes.next(2, me(), "Me", 0)).toEqual({ do: "publish", tracks: [other] });
});

test("a refusal for the moment waits a second, whatever moved meanwhile", () => {
  wishes.next(1, me(), "Me", 0);
  wishes.moved();
  wishes.refused(1, true, 500);
  expect(wishes.next(2, me(), "Me", 1_499)).toBeUndefined();
  expect(wishes.nextDeadline()).toBe(1_500);
  expect(wishes.next(2, me(), "Me", 1_500)).toBeDefined();
});

test("answers to others are not for these", () => {
  expect(wishes.answered(undefined)).toBe(false);
  wishes.next(1, me(), "Me", 0);
  expect(wishes.answered(7)).toBe(false);
  expect(wishes.refused(7, true, 0)).toBe(false);
});

test("another socket asks again; in a new stay what was announced is forgotten", () => {
  wishes.next(1, me(), "Me", 0);
  wishes.welcomed(false);
  expect(wishes.next(2, me(), "Me", 0)).toBeDefined();
  wishes.welcomed(true);
  expect(wishes.next(3, me(), "Me", 0)).toBeUndefined();
});
