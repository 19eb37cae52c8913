import type { OrangeUser } from "@satsuma/protocol";
import { expect, test } from "vitest";
import { Stage } from "../test/stage.ts";

test("[RM29] heartbeats that came while the room stood still are heard before it looks at them", () => {
  const stage = new Stage();
  const enter = (socket: number, id: string) => {
    stage.play({ input: "orange-opened", socket, id, name: id, person: id, since: stage.now, sessions: [] });
    const tracks = { audioUnavailable: true };
    const user: OrangeUser = { id, name: id, joined: true, raisedHand: false, speaking: false, tracks };
    stage.play({ input: "orange", socket, bytes: 100, message: { type: "userUpdate", user } });
  };
  enter(1, "ann");
  enter(2, "bob");
  stage.now += 20_000;
  // Somebody new is read before those who have been there all the time, or the alarm comes first.
  enter(3, "cid");
  stage.play({ input: "wake" });
  expect(stage.room.people().map(({ id }) => id)).toEqual(["ann", "bob", "cid"]);
  stage.play({ input: "orange", socket: 1, bytes: 20, message: { type: "heartbeat" } });
  stage.pass(5_000);
  expect(stage.room.people().map(({ id }) => id)).toEqual(["ann", "cid"]);
});
