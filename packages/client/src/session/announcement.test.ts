import type { Track } from "@satsuma/protocol";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { nextCommand } from "./announcement.ts";

const audio: Track = { name: "a", kind: "audio", source: "microphone", session: "s", muted: false };
const video: Track = { name: "v", kind: "video", source: "camera", session: "s", muted: false };

test("nothing is said when the room knows it all", () => {
  expect(nextCommand([audio, video], [video, audio])).toBeUndefined();
});

test("a mute goes before everything else", () => {
  expect(nextCommand([{ ...audio, muted: true }, video], [audio])).toEqual({ do: "mute", name: "a", muted: true });
});

test("a track of another session is published anew under its name", () => {
  const moved = { ...audio, session: "s2" };
  expect(nextCommand([moved], [audio])).toEqual({ do: "publish", tracks: [moved] });
});

test("the new one is published before the old one is taken back", () => {
  expect(nextCommand([video], [audio])).toEqual({ do: "publish", tracks: [video] });
  expect(nextCommand([video], [audio, video])).toEqual({ do: "unpublish", names: ["a"] });
});

test("what stands from a connection that is over is muted, and taken back, and never published anew", () => {
  const stands = { ...video, stands: true } as const;
  expect(nextCommand([stands], [video])).toBeUndefined();
  expect(nextCommand([{ ...stands, muted: true }], [video])).toEqual({ do: "mute", name: "v", muted: true });
  expect(nextCommand([stands, audio], [])).toEqual({ do: "publish", tracks: [audio] });
  expect(nextCommand([], [video])).toEqual({ do: "unpublish", names: ["v"] });
});

test("from anywhere, applying its commands ends at what is wanted", () => {
  const track = fc.record({
    name: fc.constantFrom("a", "b", "c"),
    kind: fc.constant("audio" as const),
    source: fc.constant("microphone" as const),
    session: fc.constantFrom("s1", "s2"),
    muted: fc.boolean(),
  });
  const tracks = fc.uniqueArray(track, { selector: ({ name }) => name });
  fc.assert(
    fc.property(tracks, tracks, (desired, start) => {
      let recorded: readonly Track[] = start;
      for (let step = 0; step < 10; step += 1) {
        const command = nextCommand(desired, recorded);
        if (!command) break;
        if (command.do === "mute") {
          recorded = recorded.map((t) => (t.name === command.name ? { ...t, muted: command.muted } : t));
        } else if (command.do === "publish") {
          const names = command.tracks.map(({ name }) => name);
          recorded = [...recorded.filter(({ name }) => !names.includes(name)), ...command.tracks];
        } else if (command.do === "unpublish") {
          recorded = recorded.filter(({ name }) => !command.names.includes(name));
        }
      }
      const sorted = (list: readonly Track[]) => [...list].sort((x, y) => x.name.localeCompare(y.name));
      expect(sorted(recorded)).toEqual(sorted(desired));
    }),
  );
});
