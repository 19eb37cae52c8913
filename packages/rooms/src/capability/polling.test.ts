import { expect, test } from "vitest";
import { Stage } from "../../test/stage.ts";

const tea = { do: "poll", question: "Tea?", options: ["yes", "no"], anonymous: false, multiple: false } as const;

function room() {
  const stage = new Stage();
  return { stage, host: stage.host(), ann: stage.join("ann"), bob: stage.join("bob") };
}

test("[RM100] a poll is there for everyone, votes are counted as they come, and the result is for good", () => {
  const { stage, host, ann, bob } = room();
  expect(stage.result(ann, tea)).toEqual({ of: "poll", poll: 1 });
  stage.command(ann, { do: "vote", poll: 1, choices: [0] });
  stage.command(bob, { do: "vote", poll: 1, choices: [1] });
  stage.pass(500);
  expect(host.presence?.tallies).toEqual({ 1: [1, 1] });
  expect(stage.command(bob, { do: "close-poll", poll: 1 })).toMatchObject({ code: "not-allowed" });
  expect(stage.command(ann, { do: "close-poll", poll: 1 })?.type).toBe("ack");
  expect(host.view?.polls).toMatchObject([{ id: 1, by: "person-ann", result: [1, 1] }]);
  expect(host.presence?.tallies).toEqual({});
  expect(stage.command(bob, { do: "vote", poll: 1, choices: [0] })).toMatchObject({ code: "not-allowed" });
});

test("[RM100] a vote just before the end is in the result, and no tally comes after it", () => {
  const { stage, host, ann } = room();
  stage.command(ann, tea);
  stage.command(host, { do: "vote", poll: 1, choices: [1] });
  stage.command(ann, { do: "close-poll", poll: 1 });
  stage.pass(1_000);
  expect(host.view?.polls).toMatchObject([{ result: [0, 1] }]);
  expect(host.presence?.tallies).toEqual({});
  expect(stage.room.presence.tallies).toEqual({});
});

test("[RM101] a person has one vote, whichever device casts it, and may change or take it back", () => {
  const { stage, host, ann, bob } = room();
  const phone = stage.join("phone", { identity: "person-ann" });
  stage.command(host, tea);
  stage.command(ann, { do: "vote", poll: 1, choices: [0] });
  stage.command(phone, { do: "vote", poll: 1, choices: [1] });
  stage.command(bob, { do: "vote", poll: 1, choices: [1] });
  stage.command(bob, { do: "vote", poll: 1, choices: [] });
  stage.restart();
  expect(stage.room.presence.tallies).toEqual({ 1: [0, 1] });
});

test("[RM101] only what the poll offers can be chosen", () => {
  const { stage, host, ann } = room();
  stage.command(host, tea);
  for (const choices of [[2], [0, 1]]) {
    expect(stage.command(ann, { do: "vote", poll: 1, choices })).toMatchObject({ code: "bad-message" });
  }
  expect(stage.command(ann, { do: "vote", poll: 9, choices: [0] })).toMatchObject({ code: "not-found" });
  stage.command(host, { ...tea, multiple: true });
  expect(stage.command(ann, { do: "vote", poll: 2, choices: [0, 1, 1] })?.type).toBe("ack");
});

test("[RM102] who voted for what is told to the one who asks, and of an anonymous poll to nobody", () => {
  const { stage, host, ann, bob } = room();
  stage.command(ann, tea);
  stage.command(ann, { ...tea, anonymous: true });
  for (const poll of [1, 2]) stage.command(bob, { do: "vote", poll, choices: [0] });
  stage.command(host, { do: "vote", poll: 1, choices: [1] });
  expect(stage.result(ann, { do: "list-votes", poll: 1, limit: 1 })).toEqual({
    of: "list-votes",
    votes: [{ identity: "person-bob", name: "bob", choices: [0] }],
    more: true,
  });
  expect(stage.result(ann, { do: "list-votes", poll: 1, after: "person-bob", limit: 1 })).toMatchObject({
    votes: [{ identity: "person-host" }],
    more: false,
  });
  expect(stage.command(bob, { do: "list-votes", poll: 1, limit: 1 })).toMatchObject({ code: "not-allowed" });
  expect(stage.command(host, { do: "list-votes", poll: 2, limit: 1 })).toMatchObject({ code: "not-allowed" });
});

test("[RM103] a deleted poll is gone with its votes, and its number is not given again", () => {
  const { stage, host, ann } = room();
  stage.command(host, tea);
  stage.command(ann, { do: "vote", poll: 1, choices: [0] });
  stage.command(host, { do: "delete-poll", poll: 1 });
  expect([...stage.stored.keys()].filter((key) => /^(poll|vote):/.test(key))).toEqual([]);
  stage.restart();
  const back = stage.host();
  expect(stage.result(back, tea)).toEqual({ of: "poll", poll: 2 });
});
