export const scripts: readonly Script[] = [...messages, ...state, ...life, ...ai];

/** Everything that a server of Orange's dialect must do, row by row of the protocol's tables. */
import { afterAll, beforeAll, describe, test } from "vitest";
import { ai } from "./ai.ts";
import { life } from "./life.ts";
import { messages } from "./messages.ts";
import type { Script } from "./script.ts";
import { state } from "./state.ts";
import type { World } from "./world.ts";

export function orangeContract(
  name: string,
  capabilities: World["capabilities"],
  start: () => Promise<World>,
  played = scripts,
): void {
  describe(name, () => {
    let world: World;
    beforeAll(async () => {
      world = await start();
    }, 60_000);
    afterAll(() => world?.close());
    // Real time passes in most of these, so they share it.
    const run = capabilities.handClock ? test : test.concurrent;
    let rooms = 0;
    for (const script of played) {
      if (script.needs && !capabilities[script.needs]) continue;
      run(script.row, () => {
        rooms += 1;
        return script.play(world, `room-${rooms}`);
      });
    }
  });
}

export type { Client, Who, World } from "./world.ts";
export { enter, heard, joined, settled, stateOf, userIn } from "./world.ts";
