/**
 * Every event in every state of the connection's life: where it leads, and that nothing but a way that is drawn is gone.
 *
 * The table is written by hand. A state that an event does not change is a dot.
 */
import { describe, expect, test } from "vitest";
import { ada, kinds, MediaBench, microphone } from "../../test/media-bench.ts";
import { connectPatience, disconnectedPatience } from "./core.ts";
import { type ConnectionState, isLegal } from "./life.ts";
import type { MediaInput } from "./words.ts";

const states = ["new", "connecting", "connected", "disconnected", "failed", "closed"] as const;

/** How each state is reached from the beginning, by events alone. */
const routes: Record<ConnectionState, (bench: MediaBench) => void> = {
  new: () => {},
  connecting: (bench) => {
    bench.do({ input: "local", tracks: [microphone] });
    bench.do({ input: "start" });
    bench.do({ input: "member" });
    bench.do({ input: "remote", tracks: [ada] });
    bench.transport("connecting");
  },
  connected: (bench) => {
    routes.connecting(bench);
    bench.transport("connected");
    bench.publish("microphone");
    bench.do({ input: "pulled", attempt: bench.attempt, key: "s-ada/voice" });
  },
  disconnected: (bench) => {
    routes.connected(bench);
    bench.transport("disconnected");
  },
  failed: (bench) => {
    routes.connected(bench);
    bench.transport("failed");
  },
  closed: (bench) => {
    routes.connected(bench);
    bench.do({ input: "stop" });
  },
};

type Event = (bench: MediaBench) => void;
const say =
  (input: MediaInput): Event =>
  (bench) =>
    void bench.do(input);
const word =
  (input: (attempt: number, name: string) => MediaInput): Event =>
  (bench) =>
    void bench.do(input(bench.attempt, bench.names.get(id) ?? ""));
const transport =
  (state: RTCPeerConnectionState): Event =>
  (bench) =>
    void bench.transport(state);

const id = "microphone";
const name = "track-1";
const key = "s-ada/voice";

/** Each event with the state that it leads to, from each of the six in their order. */
const table: readonly (readonly [name: string, event: Event, ...to: string[]])[] = [
  //                                                          new         connecting   connected       disconnected  failed       closed
  ["start", say({ input: "start" }), "connecting", ".", ".", ".", ".", "."],
  ["member", say({ input: "member" }), ".", ".", ".", "failed", "connecting", "."],
  ["new-stay", say({ input: "new-stay" }), ".", "failed", "failed", "failed", ".", "."],
  ["local", say({ input: "local", tracks: [] }), ".", ".", ".", ".", ".", "."],
  ["remote", say({ input: "remote", tracks: [] }), ".", ".", ".", ".", ".", "."],
  [
    "pushed",
    word((attempt, name) => ({ input: "pushed", attempt, id, name, session: "s" })),
    ".",
    ".",
    ".",
    ".",
    ".",
    ".",
  ],
  ["push-failed", word((attempt, name) => ({ input: "push-failed", attempt, id, name })), ".", ".", ".", ".", ".", "."],
  ["flowing", word((attempt, name) => ({ input: "flowing", attempt, id, name })), ".", ".", ".", ".", ".", "."],
  ["pulled", word((attempt) => ({ input: "pulled", attempt, key })), ".", ".", ".", ".", ".", "."],
  ["pull-failed", word((attempt) => ({ input: "pull-failed", attempt, key })), ".", ".", ".", ".", ".", "."],
  ["dead", say({ input: "dead", key }), ".", ".", ".", ".", ".", "."],
  ["transport new", transport("new"), ".", ".", ".", ".", ".", "."],
  ["transport connecting", transport("connecting"), ".", ".", ".", ".", ".", "."],
  ["transport connected", transport("connected"), ".", "connected", ".", "connected", ".", "."],
  ["transport disconnected", transport("disconnected"), ".", ".", "disconnected", ".", ".", "."],
  ["transport failed", transport("failed"), ".", "failed", "failed", "failed", ".", "."],
  ["transport closed", transport("closed"), ".", "failed", "failed", "failed", ".", "."],
  ["broken", word((attempt) => ({ input: "broken", attempt })), ".", "failed", "failed", "failed", ".", "."],
  ["network", say({ input: "network" }), ".", ".", ".", ".", "connecting", "."],
  ["silence", say({ input: "silence" }), ".", ".", "disconnected", ".", ".", "."],
  ["heard", say({ input: "heard" }), ".", ".", ".", "connected", ".", "."],
  ["inspected, alive", word((attempt) => ({ input: "inspected", attempt, alive: true })), ".", ".", ".", ".", ".", "."],
  [
    "inspected, gone",
    word((attempt) => ({ input: "inspected", attempt, alive: false })),
    ".",
    "failed",
    "failed",
    "failed",
    ".",
    ".",
  ],
  ["too early a tick", say({ input: "tick" }), ".", ".", ".", ".", ".", "."],
  ["the tick that is due", (bench) => bench.ring(), ".", "failed", ".", "failed", "connecting", "."],
  ["stop", say({ input: "stop" }), "closed", "closed", "closed", "closed", "closed", "."],
];

const cells = table.flatMap(([name, event, ...to]) =>
  states.map((from, at) => ({ from, name, event, to: to[at] === "." ? from : to[at] })),
);

describe("the life of a connection", () => {
  test.each(cells)("$name in $from leads to $to", ({ from, event, to }) => {
    const bench = new MediaBench();
    routes[from](bench);
    expect(bench.core.connection.state).toBe(from);
    const { length } = bench.core.connection.history;
    event(bench);
    expect(bench.core.connection.state).toBe(to);
    const news = bench.core.connection.history.slice(length);
    expect(news.map((transition) => transition.to)).toEqual(from === to ? [] : [to]);
  });

  test("every way that is drawn is walked by some event, and only such", () => {
    const walked = new Set(cells.filter(({ from, to }) => from !== to).map(({ from, to }) => `${from} → ${to}`));
    const drawn = states.flatMap((from) => states.filter((to) => isLegal(from, to)).map((to) => `${from} → ${to}`));
    expect([...walked].sort()).toEqual(drawn.sort());
  });

  test("a word about an earlier attempt changes nothing in any state", () => {
    for (const from of ["connecting", "connected", "disconnected"] as const) {
      const bench = new MediaBench();
      routes.failed(bench);
      bench.ring();
      if (from !== "connecting") bench.transport("connected");
      if (from === "disconnected") bench.transport("disconnected");
      const late: MediaInput[] = [
        { input: "transport", attempt: 1, state: "failed" },
        { input: "broken", attempt: 1 },
        { input: "pushed", attempt: 1, id, name, session: "s" },
        { input: "push-failed", attempt: 1, id, name },
        { input: "flowing", attempt: 1, id, name },
        { input: "pulled", attempt: 1, key },
        { input: "pull-failed", attempt: 1, key },
        { input: "inspected", attempt: 1, alive: false },
      ];
      for (const input of late) expect(kinds(bench.do(input))).toEqual([]);
      expect(bench.core.connection.state).toBe(from);
    }
  });

  test("while another connection is made beside it, the life goes on as that of the first until the second is up", () => {
    const bench = new MediaBench();
    routes.connected(bench);
    bench.do({ input: "network" });
    bench.transport("connecting");
    expect(bench.core.connection.state).toBe("connected");
    bench.transport("connected");
    expect(bench.core.connection).toMatchObject({ state: "connected", attempt: 2 });
    bench.do({ input: "network" });
    expect(bench.core.connection.attempt).toBe(2);
  });

  test("each patience ends where it is written", () => {
    const silent = new MediaBench();
    routes.disconnected(silent);
    silent.pass(disconnectedPatience - 1);
    expect(silent.core.connection.state).toBe("disconnected");
    silent.pass(1);
    expect(silent.core.connection.state).toBe("failed");
    const slow = new MediaBench();
    routes.connecting(slow);
    slow.pass(connectPatience - 1);
    expect(slow.core.connection.state).toBe("connecting");
    slow.pass(1);
    expect(slow.core.connection.state).toBe("failed");
  });
});
