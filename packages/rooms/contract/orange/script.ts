import type { World } from "./world.ts";

/** One row of the protocol's tables, played. */
export interface Script {
  /** The section and the row, as in docs/orange.md. */
  readonly row: string;
  readonly needs?: keyof World["capabilities"];
  /** `room` is one that nobody else is in. */
  play(world: World, room: string): Promise<void>;
}
