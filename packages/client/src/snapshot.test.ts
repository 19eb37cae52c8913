import type { Participant, Track } from "@satsuma/protocol";
import { expect, test } from "vitest";
import { defaultCapture } from "./devices/capture.ts";
import type { LocalView } from "./devices/local.ts";
import { Portraits, trackOf } from "./snapshot.ts";

const voice: Track = { name: "a", kind: "audio", source: "microphone", session: "s", muted: false };
const off = {
  on: false,
  busy: false,
  track: undefined,
  sent: undefined,
  effect: { state: "none" as const },
  device: undefined,
  error: undefined,
  trouble: undefined,
  permission: undefined,
};
const local: LocalView = {
  microphone: off,
  camera: off,
  devices: { microphones: [], cameras: [], speakers: [] },
  settings: defaultCapture,
  preference: { microphone: [], camera: [], speaker: [] },
  speaker: undefined,
  speaking: false,
  talkingWhileMuted: false,
};
const person = (id: string, tracks: readonly Track[] = []): Participant => ({
  id,
  identity: id,
  name: id,
  role: "speaker",
  joinedAt: 0,
  connection: "connected",
  tracks,
  attributes: {},
});
const options = { me: "me", local, screens: [], mediaOf: () => undefined };

test("the same room gives the same list, however often it is looked at", () => {
  const portraits = new Portraits();
  const first = portraits.view([person("me"), person("ada", [voice])], options);
  expect(portraits.view([person("me"), person("ada", [voice])], options)).toBe(first);
});

test("a change of one person leaves the others' portraits as they were", () => {
  const portraits = new Portraits();
  const [, ada, bo] = portraits.view([person("me"), person("ada", [voice]), person("bo", [voice])], options);
  const [, mutedAda, sameBo] = portraits.view(
    [person("me"), person("ada", [{ ...voice, muted: true }]), person("bo", [voice])],
    options,
  );
  expect(mutedAda).not.toBe(ada);
  expect(sameBo).toBe(bo);
});

test("the newest track of a source is the one to show", () => {
  const [ada] = new Portraits().view([person("ada", [voice, { ...voice, name: "b", session: "s2" }])], options);
  expect(ada && trackOf(ada, "microphone")?.name).toBe("b");
});
