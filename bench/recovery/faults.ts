/**
 * The faults: each is done to Anna, or to the servers, and undone.
 *
 * `begin` resolves when the fault is there, `end` when it is not any more and only the recovery is still to come.
 */
import { processesOf, signal } from "../../apps/meet/test/stage/processes.ts";
import type { Scene } from "./scene.ts";

export interface Fault {
  /** Needs servers with a relay. */
  readonly relay?: boolean;
  /** Is there before Anna joins, and stays. */
  readonly standing?: boolean;
  readonly id: string;
  readonly name: string;
  /** Milliseconds between begin and end. */
  readonly lasts: number;
  readonly begin: (scene: Scene) => unknown;
  readonly end: (scene: Scene) => unknown;
  /** Whether Anna's page runs meanwhile, so that it can be asked to do something. */
  readonly awake: boolean;
  /** Milliseconds from the end, or from joining, until media must flow at both again: the aim. */
  readonly aim: number;
}

const nothing = () => {};

function cutSocket(seconds: number): Fault {
  return {
    id: `socket-${seconds}`,
    name: `socket cut for ${seconds} s`,
    lasts: seconds * 1_000,
    begin: ({ doorway }) => doorway.cutSockets(),
    end: ({ doorway }) => doorway.mendSockets(),
    awake: true,
    aim: 0,
  };
}

function blackHole(seconds: number): Fault {
  return {
    id: `udp-${seconds}`,
    name: `no UDP passes for ${seconds} s`,
    lasts: seconds * 1_000,
    begin: ({ doorway }) => doorway.blackHole("media"),
    end: ({ doorway }) => doorway.mend(),
    awake: true,
    aim: 3_000,
  };
}

export const faults: readonly Fault[] = [
  cutSocket(5),
  cutSocket(20),
  cutSocket(60),
  blackHole(5),
  blackHole(20),
  {
    id: "offline-10",
    name: "no network at all for 10 s",
    lasts: 10_000,
    begin: ({ doorway }) => doorway.blackHole("everything"),
    end: ({ doorway }) => doorway.mend(),
    awake: true,
    aim: 3_000,
  },
  {
    id: "udp-blocked",
    name: "UDP blocked for good",
    relay: true,
    lasts: 0,
    begin: ({ doorway }) => doorway.blackHole("media"),
    end: nothing,
    awake: true,
    aim: 3_000,
  },
  {
    id: "udp-never",
    name: "joining where UDP never passes",
    relay: true,
    standing: true,
    lasts: 0,
    begin: ({ doorway }) => doorway.blackHole("media"),
    end: nothing,
    awake: true,
    aim: 3_000,
  },
  {
    id: "address",
    name: "address changes (NAT rebinds)",
    lasts: 0,
    begin: ({ doorway }) => doorway.relay.move(),
    end: nothing,
    awake: true,
    aim: 3_000,
  },
  {
    id: "sfu",
    name: "media server killed, and back",
    lasts: 3_000,
    begin: ({ servers }) => servers.killMedia(),
    end: ({ servers }) => servers.restartMedia(),
    awake: true,
    aim: 3_000,
  },
  {
    id: "rooms",
    name: "room server killed, and back",
    lasts: 3_000,
    begin: ({ servers }) => servers.killRooms(),
    end: ({ servers }) => servers.restartRooms(),
    awake: true,
    aim: 0,
  },
  {
    id: "frozen",
    name: "page frozen for 10 s",
    lasts: 10_000,
    begin: ({ browsers }) => signal(processesOf(browsers.anna.pid, "renderer"), "SIGSTOP"),
    end: ({ browsers }) => signal(processesOf(browsers.anna.pid, "renderer"), "SIGCONT"),
    awake: false,
    aim: 3_000,
  },
  {
    id: "sleep",
    name: "laptop asleep for 20 s",
    lasts: 20_000,
    begin({ browsers, doorway }) {
      doorway.blackHole("media");
      signal(processesOf(browsers.anna.pid), "SIGSTOP");
    },
    end({ browsers, doorway }) {
      doorway.mend();
      signal(processesOf(browsers.anna.pid), "SIGCONT");
    },
    awake: false,
    aim: 3_000,
  },
  {
    id: "stall",
    name: "page's thread busy for 4 s",
    lasts: 4_000,
    begin: ({ anna }) => keepBusy(anna, 4_000),
    end: nothing,
    awake: false,
    aim: 3_000,
  },
  {
    id: "camera",
    name: "camera taken away, and back",
    lasts: 0,
    begin: ({ browsers }) => signal(processesOf(browsers.anna.pid, "capture"), "SIGKILL"),
    end: nothing,
    awake: true,
    aim: 3_000,
  },
];

/** In the page: everything that scripts do waits. Begins after the call that started it has returned. */
async function keepBusy({ page }: Scene["anna"], milliseconds: number): Promise<void> {
  await page.evaluate((lasts) => {
    setTimeout(() => {
      const end = performance.now() + lasts;
      while (performance.now() < end);
    });
  }, milliseconds);
}
