import fc from "fast-check";
import { expect, test } from "vitest";
import { acceptedExtensions, acceptedForSending, extensionUris, numberExtensions, offeredUris } from "./extensions.ts";

const all = Object.values(extensionUris);
const numbered = (uris: readonly string[]) => uris.map((uri, index) => ({ id: index + 1, uri }));

test("of an offer we take what we read or pass on, under ids that the one-byte form can say", () => {
  const offered = [
    ...numbered([...all, "urn:of-nobody"]),
    { id: 15, uri: extensionUris.mid },
    { id: 200, uri: extensionUris.rid },
  ];
  const uris = (kind: "audio" | "video") => acceptedExtensions(offered, kind).map(({ uri }) => uri);
  const { audioLevel, mid, captureTime, transportSequence } = extensionUris;
  expect(uris("audio")).toEqual([audioLevel, mid, captureTime, transportSequence]);
  expect(uris("video")).toEqual(all.filter((uri) => uri !== audioLevel));
  expect(acceptedForSending(offered, "video").map(({ uri }) => uri)).not.toContain(extensionUris.mid);
});

test("an m-line that only sends offers no mid or rid to read", () => {
  expect(offeredUris("video", { sends: true, receives: false })).not.toContain(extensionUris.rid);
  expect(offeredUris("video", { sends: true, receives: true })).toContain(extensionUris.rid);
  expect(offeredUris("audio", { sends: false, receives: false })).toEqual([]);
});

test("one id means one extension in the bundle, and known extensions keep theirs", () => {
  const known = fc
    .uniqueArray(fc.integer({ min: 1, max: 14 }), { maxLength: 14 })
    .chain((ids) =>
      fc.tuple(fc.constant(ids), fc.array(fc.constantFrom(...all, "urn:x", "urn:y"), { minLength: 14, maxLength: 14 })),
    )
    .map(([ids, uris]) => ids.map((id, at) => ({ id, uri: uris[at] ?? "urn:x" })));
  fc.assert(
    fc.property(known, fc.subarray(all), (before, wanted) => {
      const given = numberExtensions(wanted, before);
      expect(new Set(given.map(({ id }) => id)).size).toBe(given.length);
      for (const { id, uri } of given) {
        expect(id).toBeGreaterThanOrEqual(1);
        expect(id).toBeLessThanOrEqual(14);
        expect(before.find((other) => other.id === id)?.uri ?? uri).toBe(uri);
        if (before.some((other) => other.uri === uri)) expect(before).toContainEqual({ id, uri });
      }
    }),
  );
});
