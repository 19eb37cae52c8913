import { orangeContract } from "../contract/orange/index.ts";
import { VirtualWorld } from "../contract/orange/virtual.ts";

for (const ai of [false, true]) {
  const name = `the core, ${ai ? "with" : "without"} an AI service`;
  orangeContract(name, { ai, handClock: true }, async () => new VirtualWorld(ai));
}
