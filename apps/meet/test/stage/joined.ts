/** Joins two ends of a TCP connection until either goes; `open` holds both as long as they are there. */
import type { Duplex } from "node:stream";

export function joined(one: Duplex, other: Duplex, open: Set<Duplex>): void {
  for (const end of [one, other]) {
    open.add(end);
    // Either end may go in the middle of a write; that is what the ways of tests are for.
    end.on("error", () => end.destroy());
    end.on("close", () => {
      open.delete(end);
      one.destroy();
      other.destroy();
    });
  }
  one.pipe(other).pipe(one);
}
