import { expect, test } from "vitest";
import { microphone, Stage } from "../../test/stage.ts";
import type { MediaOperation } from "./operation.ts";

function room() {
  const stage = new Stage();
  const ann = stage.join("ann");
  stage.join("bob");
  stage.bind("ann", "a1");
  stage.bind("bob", "b1");
  stage.command(ann, { do: "publish", tracks: [microphone("a1")] });
  const ask = (participant: string, operation: MediaOperation) =>
    stage.room.authorize(participant, operation, stage.now);
  return { stage, ann, ask };
}

const pull = (session: string, ...tracks: [string, string][]): MediaOperation => ({
  do: "tracks",
  session,
  body: { tracks: tracks.map(([sessionId, trackName]) => ({ location: "remote", sessionId, trackName })) },
});

test("[RM40] who is not in the room may do nothing", () => {
  const { ask } = room();
  expect(ask("eve", { do: "new-session" })).toMatchObject({ refusal: { code: "not-a-member" } });
  expect(ask("eve", { do: "inspect", session: "a1" })).toMatchObject({ refusal: { code: "not-a-member" } });
});

test("[RM40] a recovering member may go on, one who is gone may not", () => {
  const { stage, ann, ask } = room();
  stage.lose(ann);
  expect(ask("ann", { do: "inspect", session: "a1" }).verdict).toBe("allowed");
  stage.pass(10_000);
  expect(ask("ann", { do: "inspect", session: "a1" })).toMatchObject({ refusal: { code: "not-a-member" } });
});

test("[RM41] a foreign session and an unknown one are refused with the same words", () => {
  const { ask } = room();
  const foreign = ask("bob", { do: "inspect", session: "a1" });
  expect(foreign).toMatchObject({ refusal: { code: "not-your-session" } });
  expect(ask("bob", { do: "inspect", session: "zzz" })).toEqual(foreign);
});

test("[RM41] every operation on a foreign session is refused", () => {
  const { ask } = room();
  const sessionDescription = { type: "answer", sdp: "v=0" } as const;
  const operations: MediaOperation[] = [
    pull("a1", ["a1", "mic"]),
    { do: "renegotiate", session: "a1", body: { sessionDescription } },
    { do: "close-tracks", session: "a1", body: { tracks: [{ mid: "0" }], force: true } },
  ];
  for (const operation of operations) {
    expect(ask("bob", operation)).toMatchObject({ refusal: { code: "not-your-session" } });
  }
});

test("[RM42] sessions alive are counted, and ended ones are not", () => {
  const { stage, ask } = room();
  for (let number = 2; number <= 8; number++) {
    expect(ask("ann", { do: "new-session" }).verdict).toBe("allowed");
    stage.bind("ann", `a${number}`);
  }
  expect(ask("ann", { do: "new-session" })).toMatchObject({ refusal: { code: "limit-reached" } });
  stage.bind("ann", "a9");
  expect(stage.room.sessionsOf("ann")).toHaveLength(8);
  stage.play({ input: "unbound", session: "a3" });
  expect(ask("ann", { do: "new-session" }).verdict).toBe("allowed");
});

test("[RM42] sessions that are being made count too, and ones that were not made do not", () => {
  const { stage, ask } = room();
  for (let number = 2; number <= 8; number++) expect(ask("ann", { do: "new-session" }).verdict).toBe("allowed");
  expect(ask("ann", { do: "new-session" })).toMatchObject({ refusal: { code: "limit-reached" } });
  stage.play({ input: "unmade", participant: "ann" });
  expect(ask("ann", { do: "new-session" }).verdict).toBe("allowed");
  stage.bind("ann", "a2");
  expect(ask("ann", { do: "new-session" })).toMatchObject({ refusal: { code: "limit-reached" } });
});

test("[RM43] published tracks may be pulled, others are answered in their place", () => {
  const { ask } = room();
  const verdict = ask("bob", pull("b1", ["a1", "nope"], ["a1", "mic"], ["b1", "mic"]));
  if (verdict.verdict !== "allowed" || verdict.operation.do !== "tracks") throw new Error("expected to be allowed");
  expect(verdict.operation.body.tracks).toMatchObject([{ sessionId: "a1", trackName: "mic" }]);
  expect([...verdict.answered.keys()]).toEqual([0, 2]);
  expect(verdict.answered.get(0)).toMatchObject({ trackName: "nope", errorCode: "not_found_track_error" });
});

test("[RM43] an unpublished track, and one of a member who left, may no longer be pulled", () => {
  const { stage, ann, ask } = room();
  const pulled = () => {
    const verdict = ask("bob", pull("b1", ["a1", "mic"]));
    return verdict.verdict === "allowed" && verdict.answered.size === 0;
  };
  expect(pulled()).toBe(true);
  stage.command(ann, { do: "unpublish", names: ["mic"] });
  expect(pulled()).toBe(false);
  stage.command(ann, { do: "publish", tracks: [microphone("a1")] });
  expect(pulled()).toBe(true);
  stage.command(ann, { do: "leave" });
  expect(pulled()).toBe(false);
});

test("[RM43] what is pulled may be changed to another layer, and to nobody's track outside the room", () => {
  const { ask } = room();
  const tracks = [
    { location: "remote", sessionId: "a1", trackName: "mic", mid: "3" },
    { location: "remote", sessionId: "b1", trackName: "mic", mid: "4" },
  ] as const;
  const verdict = ask("bob", { do: "update-tracks", session: "b1", body: { tracks: [...tracks] } });
  expect(verdict).toMatchObject({ verdict: "allowed", operation: { body: { tracks: [tracks[0]] } } });
  expect(verdict.verdict === "allowed" && verdict.answered.get(1)).toMatchObject({
    errorCode: "not_found_track_error",
  });
});

test("[RM43] pushing needs no track to be known", () => {
  const { ask } = room();
  const push: MediaOperation = {
    do: "tracks",
    session: "b1",
    body: { tracks: [{ location: "local", mid: "0", trackName: "cam" }] },
  };
  expect(ask("bob", push)).toMatchObject({ verdict: "allowed", operation: push });
});

test("[RM46] whoever may send sound alone does not send pictures under names that the server makes up", () => {
  const { stage, ask } = room();
  const sdp = "v=0\r\nm=audio 9 x 111\r\na=mid:0\r\nm=video 9 x 96\r\na=mid:1\r\n";
  const push = (autoDiscover: boolean): MediaOperation => ({
    do: "tracks",
    session: "c1",
    body: {
      tracks: [{ location: "local", mid: "0", trackName: "mic" }],
      sessionDescription: { type: "offer", sdp },
      autoDiscover,
    },
  });
  stage.join("cat", { grants: ["microphone", "subscribe"] });
  stage.bind("cat", "c1");
  expect(ask("cat", push(true))).toMatchObject({ refusal: { code: "not-allowed" } });
  expect(ask("cat", push(false)).verdict).toBe("allowed");
  const all = push(true);
  expect(ask("bob", { ...all, session: "b1" } as MediaOperation).verdict).toBe("allowed");
});

test("[RM45] the sessions of a member who is gone are released, those of one who is lost are not yet", () => {
  const { stage, ann } = room();
  stage.lose(ann);
  expect(stage.released).toEqual([]);
  stage.pass(10_000);
  expect(stage.released).toEqual(["a1"]);
  const [, bob] = [...stage.peers.values()];
  if (bob) stage.command(bob, { do: "leave" });
  expect(stage.released).toEqual(["a1", "b1"]);
});

test("[RM44] media requests are counted per participant", () => {
  const { stage, ask } = room();
  const ping = { do: "inspect", session: "a1" } as const;
  for (let count = 0; count < 100; count++) expect(ask("ann", ping).verdict).toBe("allowed");
  expect(ask("ann", ping)).toMatchObject({ refusal: { code: "too-many-requests" } });
  expect(ask("bob", { do: "inspect", session: "b1" }).verdict).toBe("allowed");
  stage.pass(20);
  expect(ask("ann", ping).verdict).toBe("allowed");
});

test("[RM46] who may only speak pushes sound and no picture, whatever the request calls it", () => {
  const { stage, ask } = room();
  stage.order({ do: "grant", id: "bob", grants: ["microphone"] });
  const sdp = ["v=0", "m=audio 9 UDP/TLS/RTP/SAVPF 111", "a=mid:0", "m=video 9 UDP/TLS/RTP/SAVPF 96", "a=mid:1"].join(
    "\r\n",
  );
  const push = (mid: string, kind?: "audio", session = "b1"): MediaOperation => ({
    do: "tracks",
    session,
    body: {
      tracks: [{ location: "local", mid, trackName: "t", ...(kind && { kind }) }],
      sessionDescription: { type: "offer", sdp },
    },
  });
  expect(ask("bob", push("0"))).toMatchObject({ verdict: "allowed" });
  expect(ask("bob", push("1"))).toMatchObject({ refusal: { code: "not-allowed" } });
  expect(ask("bob", push("1", "audio"))).toMatchObject({ refusal: { code: "not-allowed" } });
  expect(ask("ann", push("1", undefined, "a1"))).toMatchObject({ verdict: "allowed" });
});
