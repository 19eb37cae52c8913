import { expect, test } from "vitest";
import { microphone, Stage } from "../../test/stage.ts";

function published() {
  const stage = new Stage();
  const ann = stage.join("ann");
  const bob = stage.join("bob");
  stage.bind("ann", "s1");
  const answer = stage.command(ann, { do: "publish", tracks: [microphone("s1")] });
  return { stage, ann, bob, answer };
}

test("[RM6] the ack of a command follows its delta and names its version", () => {
  const { ann, bob, answer } = published();
  expect(ann.received.slice(-2)).toMatchObject([
    { type: "delta", version: 3 },
    { type: "ack", version: 3 },
  ]);
  expect(answer).toMatchObject({ type: "ack", version: 3 });
  expect(bob.view?.participants[0]?.tracks).toEqual([microphone("s1")]);
});

test("[RM1] a command of many changes is one version, one of none is no version", () => {
  const { stage, ann } = published();
  const tracks = [microphone("s1", "a"), microphone("s1", "b")];
  expect(stage.command(ann, { do: "publish", tracks })).toMatchObject({ type: "ack", version: 4 });
  const deltas = stage.deltas.length;
  expect(stage.command(ann, { do: "publish", tracks })).toMatchObject({ type: "ack", version: 4 });
  expect(stage.command(ann, { do: "mute", name: "a", muted: false })).toMatchObject({ type: "ack", version: 4 });
  expect(stage.command(ann, { do: "rename", name: "ann" })).toMatchObject({ type: "ack", version: 4 });
  expect(stage.deltas).toHaveLength(deltas);
});

test("[RM30] a track of a session that is not one's own is refused", () => {
  const { stage, bob } = published();
  expect(stage.command(bob, { do: "publish", tracks: [microphone("s1")] })).toMatchObject({ code: "not-your-session" });
  expect(stage.command(bob, { do: "publish", tracks: [microphone("s9")] })).toMatchObject({ code: "not-your-session" });
});

test("[RM30] a session that the media server has ended can no longer be published from", () => {
  const { stage, ann } = published();
  stage.play({ input: "unbound", session: "s1" });
  expect(stage.command(ann, { do: "publish", tracks: [microphone("s1", "b")] })).toMatchObject({
    code: "not-your-session",
  });
  expect(stage.room.state.participants[0]?.tracks).toEqual([microphone("s1")]);
});

test("[RM31] publishing under a name in use moves the track to the new session, in its place", () => {
  const { stage, ann, bob } = published();
  stage.command(ann, { do: "publish", tracks: [microphone("s1", "second")] });
  stage.bind("ann", "s2");
  stage.command(ann, { do: "publish", tracks: [microphone("s2")] });
  expect(bob.view?.participants[0]?.tracks).toEqual([microphone("s2"), microphone("s1", "second")]);
});

test("[RM32] a seventeenth track is refused, a replaced one does not count twice", () => {
  const { stage, ann } = published();
  const fifteen = Array.from({ length: 15 }, (_, number) => microphone("s1", `t${number}`));
  expect(stage.command(ann, { do: "publish", tracks: fifteen })?.type).toBe("ack");
  expect(stage.command(ann, { do: "publish", tracks: [microphone("s1", "x")] })).toMatchObject({
    code: "limit-reached",
  });
  expect(stage.command(ann, { do: "publish", tracks: fifteen })?.type).toBe("ack");
});

test("[RM33] two tracks of one name, or a camera of sound, are refused", () => {
  const { stage, ann } = published();
  const twice = [microphone("s1", "a"), microphone("s1", "a")];
  expect(stage.command(ann, { do: "publish", tracks: twice })).toMatchObject({ code: "bad-message" });
  const odd = { ...microphone("s1", "a"), source: "camera" } as const;
  expect(stage.command(ann, { do: "publish", tracks: [odd] })).toMatchObject({ code: "bad-message" });
});

test("[RM34] what was not published can be neither muted nor unpublished", () => {
  const { stage, ann, bob } = published();
  expect(stage.command(bob, { do: "mute", name: "mic", muted: true })).toMatchObject({ code: "not-found" });
  expect(stage.command(ann, { do: "unpublish", names: ["cam"] })).toMatchObject({ code: "not-found" });
});

test("[RM35] a command that is wrong in part is not done in part", () => {
  const { stage, ann } = published();
  const before = stage.room.state;
  stage.command(ann, { do: "unpublish", names: ["mic", "cam"] });
  stage.command(ann, { do: "publish", tracks: [microphone("s1", "a"), microphone("s9", "b")] });
  expect(stage.room.state).toBe(before);
});

test("[RM1] muting and unpublishing reach everyone", () => {
  const { stage, ann, bob } = published();
  stage.command(ann, { do: "mute", name: "mic", muted: true });
  expect(bob.view?.participants[0]?.tracks[0]?.muted).toBe(true);
  stage.command(ann, { do: "unpublish", names: ["mic", "mic"] });
  expect(bob.view?.participants[0]?.tracks).toEqual([]);
  stage.command(ann, { do: "rename", name: "Annie" });
  expect(bob.view?.participants[0]?.name).toBe("Annie");
});

test("[RM23] leaving is told to everyone at once, and the leaver's last message is the ack", () => {
  const { stage, ann, bob } = published();
  stage.command(ann, { do: "leave" });
  expect(bob.received.at(-1)).toMatchObject({ changes: [{ change: "left", id: "ann", why: "left" }] });
  expect(ann.received.at(-1)?.type).toBe("ack");
  expect(ann.closed).toBe("left");
  expect(stage.room.sessionsOf("ann")).toEqual([]);
});
