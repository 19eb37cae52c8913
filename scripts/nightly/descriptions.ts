/** Session descriptions: reading them, and answering them as a session does. */
import { readdirSync, readFileSync } from "node:fs";
import type { Chance } from "@satsuma/testkit";
import { defaultLimits } from "../../packages/sfu/src/config.ts";
import { readDescription, readFragment } from "../../packages/sfu/src/sdp/read.ts";
import { writeDescription } from "../../packages/sfu/src/sdp/write.ts";
import { Session } from "../../packages/sfu/src/session/session.ts";
import { promise, type Target } from "./case.ts";
import { mutateText } from "./mutate.ts";

const folder = new URL("../../packages/sfu/src/sdp/fixtures/", import.meta.url);
const recorded = readdirSync(folder)
  .filter((name) => name.endsWith(".sdp"))
  .map((name) => readFileSync(new URL(name, folder), "utf8"));
const [first = "", ...others] = recorded;
const mostSections = 512;

function mutated(chance: Chance): string {
  return mutateText(chance.pick([first, ...others]), chance);
}

export const descriptions: readonly Target[] = [
  {
    name: "description",
    weight: 30,
    prepare(chance) {
      const text = mutated(chance);
      return () => {
        const result = readDescription(text, mostSections);
        if (!result.ok) promise(result.refusal.message.length < 200, "a refusal is one short sentence");
        else
          promise(
            JSON.stringify(result.value).length < 40 * text.length + 10_000,
            "what is kept is bounded by what came",
          );
      };
    },
  },
  {
    name: "fragment",
    weight: 5,
    prepare(chance) {
      const text = mutated(chance);
      return () => promise(readFragment(text).length <= 8, "no more than eight candidates of a fragment are kept");
    },
  },
  {
    name: "negotiation",
    weight: 10,
    prepare(chance) {
      const offers = [mutated(chance), mutated(chance)].flatMap((text) => {
        const read = readDescription(text, mostSections);
        return read.ok ? [read.value] : [];
      });
      return () => {
        let counter = 0;
        const random32 = () => (counter += 1);
        const session = new Session({ id: "s", limits: defaultLimits, random32, newName: () => `track${random32()}` });
        for (const offer of offers) {
          const step = session.push(offer, [], true);
          if (!step.ok) continue;
          const { media = [] } = step.value;
          promise(media.length === offer.media.length, "an answer has the m-lines of its offer");
          const text = writeDescription({ id: "1", version: 1, transport: offer.transport, media });
          const again = readDescription(text, mostSections);
          // An answer in which everything is refused names no transport.
          const refused = media.every((section) => section.rejected);
          promise(again.ok || refused, "what we write can be read");
          if (!again.ok) continue;
          promise(
            again.value.media.every(({ mid }, index) => mid === offer.media[index]?.mid),
            "an answer has the mids of its offer in their order",
          );
        }
      };
    },
  },
];
