import { expect, test } from "vitest";
import { camera, grantsOf, heard, microphone, Stage } from "../../test/stage.ts";

function webinar() {
  const stage = new Stage();
  const host = stage.host();
  const ann = stage.join("ann", { role: "listener" });
  stage.bind("ann", "a1");
  return { stage, host, ann };
}

test("[RM60] a listener is counted and not listed, and may not publish", () => {
  const { stage, host, ann } = webinar();
  stage.pass(50);
  expect(host.view?.participants.map(({ id }) => id)).toEqual(["host"]);
  expect(host.presence?.audience).toBe(1);
  expect(grantsOf(ann)).not.toContain("microphone");
  const answer = stage.command(ann, { do: "publish", tracks: [microphone("a1")] });
  expect(answer).toMatchObject({ type: "error", code: "not-allowed" });
});

test("[RM61] whoever is let on stage is told at once what they may do, and everyone sees them", () => {
  const { stage, host, ann } = webinar();
  expect(stage.command(ann, { do: "raise" })?.type).toBe("ack");
  expect(host.view?.hands).toMatchObject([{ id: "ann" }]);
  expect(stage.command(host, { do: "set-role", id: "ann", role: "speaker" })?.type).toBe("ack");
  expect(host.view?.participants.at(-1)).toMatchObject({ id: "ann", role: "speaker" });
  expect(host.view?.hands).toEqual([]);
  expect(grantsOf(ann)).toContain("camera");
  expect(stage.command(ann, { do: "publish", tracks: [camera("a1")] })?.type).toBe("ack");
  stage.pass(50);
  expect(host.presence?.audience).toBe(0);
});

test("[RM62] whoever goes back to the audience sends nothing any more, and keeps listening", () => {
  const { stage, host, ann } = webinar();
  stage.command(host, { do: "set-role", id: "ann", role: "speaker" });
  stage.command(ann, { do: "publish", tracks: [camera("a1")] });
  stage.command(host, { do: "set-role", id: "ann", role: "listener" });
  expect(stage.stopped).toEqual(["a1/cam"]);
  expect(stage.released).toEqual([]);
  expect(heard(host, "delta").at(-1)?.changes.at(-1)).toEqual({ change: "left", id: "ann", why: "demoted" });
  expect(stage.command(ann, { do: "publish", tracks: [camera("a1")] })).toMatchObject({ code: "not-allowed" });
});
