import { expect, test } from "vitest";
import { Adjuster } from "./adjuster.ts";

/** A sender that takes one change at a time, as browsers do, and refuses as often as it is told to. */
function sender(refusals = 0) {
  let encodings: RTCRtpEncodingParameters[] = [
    { rid: "a", active: true },
    { rid: "b", active: true },
  ];
  let busy = false;
  const asked: string[] = [];
  const model = {
    getParameters: () => ({ encodings: encodings.map((each) => ({ ...each })) }),
    async setParameters(parameters: RTCRtpSendParameters) {
      if (busy) throw new Error("Another change is under way.");
      asked.push(
        parameters.encodings
          .filter(({ active }) => active)
          .map(({ rid }) => rid)
          .join(),
      );
      busy = true;
      await Promise.resolve();
      busy = false;
      if (asked.length <= refusals) throw new Error("Not now.");
      encodings = parameters.encodings;
    },
  };
  const active = () => encodings.filter(({ active }) => active).map(({ rid }) => rid);
  return { adjuster: new Adjuster(model as unknown as RTCRtpSender), asked, active };
}

const only = (...rids: string[]) => ["a", "b"].map((rid) => ({ rid, active: rids.includes(rid) }));
const done = () => new Promise((resolve) => setImmediate(resolve));

test("a wish that comes while another is carried out is carried out after it", async () => {
  const { adjuster, asked, active } = sender();
  adjuster.want(only("b"));
  adjuster.want(only("a"));
  adjuster.want(only("a", "b"));
  adjuster.want(only("a"));
  await done();
  expect(active()).toEqual(["a"]);
  expect(asked).toEqual(["b", "a"]);
});

test("nothing is asked where it is so already", async () => {
  const { adjuster, asked } = sender();
  adjuster.want(only("a", "b"));
  await done();
  expect(asked).toEqual([]);
});

test("a refusal is tried again, but not for ever, and the next wish is another try", async () => {
  const patient = sender(2);
  patient.adjuster.want(only("b"));
  await done();
  expect(patient.active()).toEqual(["b"]);
  const stubborn = sender(3);
  stubborn.adjuster.want(only("b"));
  await done();
  expect(stubborn.active()).toEqual(["a", "b"]);
  stubborn.adjuster.want(only("b"));
  await done();
  expect(stubborn.active()).toEqual(["b"]);
});
