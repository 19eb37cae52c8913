import { expect, test } from "vitest";
import { microphone, Stage } from "../test/stage.ts";

test("[RM50] a room read back has its members and tracks, all recovering, at a higher version", () => {
  const stage = new Stage();
  const ann = stage.join("ann");
  stage.join("bob");
  stage.bind("ann", "s1");
  stage.command(ann, { do: "publish", tracks: [microphone("s1")] });
  const { version } = stage.room.state;

  stage.restart();
  expect(stage.room.state.version).toBeGreaterThan(version);
  const back = stage.join("ann");
  expect(back.view?.participants).toMatchObject([
    { id: "ann", connection: "connected", tracks: [microphone("s1")] },
    { id: "bob", connection: "recovering" },
  ]);
  expect(stage.command(back, { do: "publish", tracks: [microphone("s1", "more")] })?.type).toBe("ack");
  stage.pass(10_000);
  expect(stage.room.state.participants.map(({ id }) => id)).toEqual(["ann"]);
});

test("[RM36] every command is answered once under its own id, refused ones too", () => {
  const stage = new Stage();
  const ann = stage.join("ann");
  stage.command(ann, { do: "rename", name: "a" });
  stage.command(ann, { do: "mute", name: "mic", muted: true });
  stage.command(ann, { do: "rename", name: "b" });
  const answers = ann.received.filter((message) => message.type === "ack" || message.type === "error");
  expect(answers).toMatchObject([
    { type: "ack", id: 1 },
    { type: "error", id: 2 },
    { type: "ack", id: 3 },
  ]);
});
