/** Offers of Chrome, Firefox and Safari, answered by a session and written down: what a browser is told must fit what it said. */
import { readdirSync, readFileSync } from "node:fs";
import { unwrap } from "@satsuma/protocol";
import { describe, expect, test } from "vitest";
import { defaultLimits } from "../src/config.ts";
import type { Description } from "../src/sdp/description.ts";
import { readDescription } from "../src/sdp/read.ts";
import { writeDescription } from "../src/sdp/write.ts";
import { Session } from "../src/session/session.ts";

const folder = new URL("../src/sdp/fixtures/", import.meta.url);
const offers = readdirSync(folder).filter((name) => name.startsWith("offer-"));

describe.each(offers)("%s", (name) => {
  test("is answered line by line, with nothing that was not offered", () => {
    const { offer, answer } = answerTo(name);
    expect(answer.media.map(({ mid, kind }) => [mid, kind])).toEqual(offer.media.map(({ mid, kind }) => [mid, kind]));
    answer.media.forEach((section, index) => {
      const asked = offer.media[index];
      if (section.rejected || asked === undefined) return;
      for (const { payloadType, name: format, clockRate, parameters } of section.codecs) {
        expect(asked.codecs).toContainEqual(
          expect.objectContaining({ payloadType, name: format, clockRate, parameters }),
        );
      }
      for (const extension of section.extensions) expect(asked.extensions).toContainEqual(extension);
      const retransmission = section.codecs.find((codec) => codec.name === "rtx");
      if (retransmission) expect(retransmission.parameters).toBe(`apt=${section.codecs[0]?.payloadType}`);
      const allowed = { sendrecv: "recvonly", sendonly: "recvonly", recvonly: "inactive", inactive: "inactive" };
      if (section.kind !== "application") expect(section.direction).toBe(allowed[asked.direction]);
    });
  });

  test("says the same after it was written and read again", () => {
    const { answer } = answerTo(name);
    expect(read(write(answer))).toEqual(answer);
  });
});

test("Firefox's first choices are taken, under its own numbers", () => {
  const { offer, answer } = answerTo("offer-firefox.sdp");
  expect(offer.transport).toMatchObject({ iceUfrag: "89abcdef", setup: "actpass", iceLite: false });
  expect(formats(answer)).toEqual([["109 opus"], ["120 VP8", "124 rtx"]]);
  expect(answer.media[1]?.codecs[0]?.feedback.toSorted()).toEqual([
    "ccm fir",
    "goog-remb",
    "nack",
    "nack pli",
    "transport-cc",
  ]);
});

test("Safari's first choices are taken, under its own numbers, and its H265 without parameters is read", () => {
  const { offer, answer } = answerTo("offer-safari.sdp");
  expect(formats(answer)).toEqual([["96 H264", "97 rtx"], ["111 opus"]]);
  expect(offer.media[0]?.codecs).toContainEqual(
    expect.objectContaining({ payloadType: 104, name: "H265", parameters: "" }),
  );
});

function answerTo(name: string): { offer: Description; answer: Description } {
  const offer = read(readFileSync(new URL(name, folder), "utf8"));
  let counter = 0;
  const random32 = () => (counter += 1);
  const session = new Session({ id: "session", limits: defaultLimits, random32, newName: () => `track${random32()}` });
  const { media = [] } = unwrap(session.push(offer, [], true));
  const transport = { ...offer.transport, setup: "passive" as const };
  return { offer, answer: read(writeDescription({ id: "1", version: 1, transport, media })) };
}

function write({ transport, media }: Description): string {
  return writeDescription({ id: "1", version: 1, transport, media });
}

function read(text: string): Description {
  return unwrap(readDescription(text, 512));
}

function formats({ media }: Description): string[][] {
  return media.map(({ codecs }) => codecs.map(({ payloadType, name }) => `${payloadType} ${name}`));
}
