import type { World } from "@satsuma/rooms/contract/orange";
import { Parties } from "./party.ts";
import { times } from "./times.ts";

export interface Served {
  readonly url: string;
  readonly secret: string;
  close(): Promise<void>;
}

/** A world whose rooms are behind real sockets, wherever they run. */
export function socketWorld(name: string, ai: boolean, served: Served): World {
  const parties = new Parties();
  return {
    name,
    capabilities: { ai, handClock: false },
    times,
    now: Date.now,
    open: (room, who) => {
      return parties.open({ url: served.url, room, who, secret: served.secret, beat: times.heartbeatWithin / 3 });
    },
    pass: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
    async close() {
      parties.close();
      await served.close();
    },
  };
}
