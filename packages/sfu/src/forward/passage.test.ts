import fc from "fast-check";
import { expect, test } from "vitest";
import { extensionUris, passedOn } from "../sdp/extensions.ts";
import { Passage } from "./passage.ts";

const uris = Object.values(extensionUris);
const ids = fc.uniqueArray(fc.integer({ min: 1, max: 14 }), { minLength: uris.length, maxLength: uris.length });
const some = fc
  .tuple(fc.subarray(uris), ids)
  .map(([known, own]) => known.map((uri, at) => ({ id: own[at] ?? 1, uri })));
const kind = fc.constantFrom("audio" as const, "video" as const);

test("it leads from the publisher's ids to the subscriber's where both have one, and never for mid or rid", () => {
  fc.assert(
    fc.property(some, some, kind, (from, to, of) => {
      const passage = new Passage(from, to, of);
      for (let id = 0; id < 256; id += 1) {
        const uri = from.find((extension) => extension.id === id)?.uri;
        const passes = uri !== undefined && passedOn(of).includes(uri);
        expect(passage.target(id)).toBe((passes && to.find((extension) => extension.uri === uri)?.id) || 0);
      }
      expect(passedOn(of)).not.toContain(extensionUris.mid);
      const own = to.find(({ uri }) => uri === extensionUris.transportSequence)?.id;
      expect(passage.transportId).toBe(own ?? 0);
    }),
  );
});

test("passages are equal by their keys exactly when they write the same", () => {
  fc.assert(
    fc.property(some, some, some, some, kind, (a, b, c, d, of) => {
      const one = new Passage(a, b, of);
      const other = new Passage(c, d, of);
      const targets = (passage: Passage) => Array.from({ length: 256 }, (_, id) => passage.target(id));
      const same = one.transportId === other.transportId && `${targets(one)}` === `${targets(other)}`;
      expect(one.key === other.key).toBe(same);
    }),
  );
});
