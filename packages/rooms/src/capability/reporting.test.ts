import type { Report } from "@satsuma/protocol";
import { expect, test } from "vitest";
import { heard, microphone, type Peer, Stage } from "../../test/stage.ts";

const sample = { quality: "fair", cause: "network-down", roundTrip: 123.456, lossIn: 0.0123456 } as const;

function report(stage: Stage, peer: Peer, said: Report): void {
  stage.play({ input: "report", socket: peer.socket, report: said });
}

function refusals(peer: Peer): (string | number | undefined)[] {
  return heard(peer, "error").map(({ code, retryAfter }) => retryAfter ?? code);
}

test("[RM130] a report is noted under its sender and meeting, and told to nobody", () => {
  const stage = new Stage();
  const ann = stage.join("ann");
  const bob = stage.join("bob");
  const before = [ann.received.length, bob.received.length, stage.room.state.version];
  report(stage, ann, { session: "s1", sample });
  report(stage, ann, { states: { ice: "failed", why: "silence" } });
  stage.pass(1_000);
  const { at, meeting } = { at: 1_000_000, meeting: stage.room.state.meeting?.id };
  expect(stage.notes.slice(-2)).toEqual([
    {
      note: "sample",
      session: "s1",
      sample: { ...sample, roundTrip: 123, lossIn: 0.0123 },
      at,
      meeting,
      participant: "ann",
    },
    { note: "states", states: { ice: "failed", why: "silence" }, at, meeting, participant: "ann" },
  ]);
  expect([ann.received.length, bob.received.length, stage.room.state.version]).toEqual(before);
  report(stage, ann, {});
  expect(refusals(ann)).toEqual(["bad-message"]);
});

test("[RM131] a member has a sample kept in ten seconds, and is told when the next one will be", () => {
  const stage = new Stage();
  const ann = stage.join("ann");
  for (let time = 0; time < 4; time++) report(stage, ann, { sample });
  expect(refusals(ann)).toEqual([10_000]);
  stage.pass(10_000);
  report(stage, ann, { sample });
  report(stage, ann, { sample });
  expect(refusals(ann)).toEqual([10_000, 10_000]);
  expect(stage.notes.filter(({ note }) => note === "sample")).toHaveLength(4);
  for (let time = 0; time < 21; time++) report(stage, ann, { states: { ice: "checking" } });
  expect(stage.notes.filter(({ note }) => note === "states")).toHaveLength(20);
});

test("[RM37] a report counts among the messages of its socket, and for more when it is long", () => {
  const stage = new Stage({ messageRate: 1, messageBurst: 10 });
  const ann = stage.join("ann");
  const long = (size: number) => stage.play({ input: "report", socket: ann.socket, report: { sample }, size });
  long(8_000);
  long(8_000);
  expect(refusals(ann)).toEqual([6_000]);
});

test("[RM131] all members together have a rate too", () => {
  const stage = new Stage({ reportRate: 1 });
  const peers = Array.from({ length: 12 }, (_, number) => stage.join(`p${number}`));
  for (const peer of peers) report(stage, peer, { sample });
  expect(peers.flatMap(refusals)).toEqual([1_000, 1_000]);
});

test("[RM132] what becomes of a member is noted: coming, losing the socket, tracks, quality, moderation, leaving", () => {
  const stage = new Stage();
  const host = stage.host();
  const ann = stage.join("ann");
  stage.bind("ann", "s1");
  stage.command(ann, { do: "publish", tracks: [microphone("s1")] });
  stage.play({ input: "signal", socket: ann.socket, signal: { quality: "poor" } });
  stage.play({ input: "signal", socket: ann.socket, signal: { quality: "poor" } });
  stage.command(host, { do: "silence", id: "ann" });
  stage.lose(ann);
  const back = stage.join("ann");
  stage.command(host, { do: "ban", identity: "person-ann" });
  expect(back.closed).toBe("banned");
  const told = stage.notes.filter(({ participant }) => participant === "ann");
  expect(told.map((note) => [note.note, ...Object.values(note).slice(1, -3)])).toEqual([
    ["event", "participant-joined"],
    ["event", "track-published", "mic"],
    ["quality", "poor"],
    ["event", "moderated", "silence", "person-host"],
    ["socket", "recovering"],
    ["socket", "connected"],
    ["event", "moderated", "ban", "person-host"],
    ["event", "track-unpublished", "mic"],
    ["event", "participant-left", "removed"],
  ]);
});
