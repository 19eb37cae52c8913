import { beforeEach, describe, expect, test } from "vitest";
import { Bench, hello, microphone, participant, snapshot, welcomed } from "../../test/bench.ts";

const welcome = welcomed(0);

let bench: Bench;
beforeEach(() => {
  bench = new Bench();
});

describe("joining", () => {
  test("asks for a token, opens, says hello, and is in the room with the snapshot", () => {
    bench.do({ input: "join" });
    expect(bench.state).toBe("connecting");
    bench.do({ input: "token", token: "t" });
    bench.do({ input: "opened", socket: bench.socket });
    expect(bench.sent).toEqual([hello()]);
    bench.hear(welcome);
    expect(bench.done).not.toContain("welcomed");
    bench.snapshot(1);
    expect(bench.done).toContain("welcomed");
    expect(bench.state).toBe("connected");
    expect(bench.core.view()).toMatchObject({ me: "me", room: { version: 1 } });
  });

  test("a server that never answers is given up after the policy's tries", () => {
    bench.do({ input: "join" });
    bench.do({ input: "token", token: "t" });
    bench.pass(60_000);
    expect(bench.core.view().connection).toEqual({ state: "ended", end: { why: "unreachable" } });
    expect(bench.core.nextDeadline()).toBeUndefined();
  });

  test("a full room is told at once instead of knocking again", () => {
    bench.do({ input: "join" });
    bench.do({ input: "token", token: "t" });
    bench.do({ input: "opened", socket: bench.socket });
    bench.close("room-full");
    expect(bench.core.view().connection).toMatchObject({ state: "ended", end: { refusal: { code: "room-full" } } });
  });

  test("a refused token is replaced once, and ends the room the second time", () => {
    bench.do({ input: "join" });
    bench.do({ input: "token", token: "old" });
    bench.do({ input: "opened", socket: bench.socket });
    bench.close("bad-token");
    expect(bench.done.filter((effect) => effect === "ask-token")).toHaveLength(2);
    bench.do({ input: "token", token: "new" });
    bench.do({ input: "opened", socket: bench.socket });
    bench.close("bad-token");
    expect(bench.core.view().connection).toMatchObject({ state: "ended", end: { refusal: { code: "bad-token" } } });
  });

  test("a server that restarts is awaited at its door, however long it takes", () => {
    bench.do({ input: "join" });
    bench.do({ input: "token", token: "t" });
    bench.do({ input: "opened", socket: bench.socket });
    bench.hear({ type: "waiting", pingInterval: 5000 });
    expect(bench.state).toBe("waiting");
    for (let failed = 0; failed < 10; failed += 1) {
      bench.close();
      bench.pass(1000);
    }
    bench.do({ input: "opened", socket: bench.socket });
    bench.hear({ type: "waiting", pingInterval: 5000 });
    expect(bench.state).toBe("waiting");
  });

  test("a token that cannot be had for the moment is asked for again", () => {
    bench.do({ input: "join" });
    bench.do({
      input: "token-failed",
      refusal: { code: "too-many-requests", message: "Wait.", retry: true },
    });
    expect(bench.state).toBe("connecting");
    bench.pass(1000);
    expect(bench.done.filter((effect) => effect === "ask-token")).toHaveLength(2);
  });
});

describe("staying", () => {
  beforeEach(() => bench.join());

  test("applies deltas in order and asks for a snapshot after a gap", () => {
    bench.hear({ type: "delta", after: 1, version: 2, changes: [{ change: "left", id: "ada", why: "left" }] });
    expect(bench.core.view().room.participants.map(({ id }) => id)).toEqual(["me"]);
    bench.hear({ type: "delta", after: 3, version: 4, changes: [] });
    expect(bench.sent.at(-1)).toEqual({ type: "resync" });
    expect(bench.core.view().room.version).toBe(2);
  });

  test("a delta that is already in the snapshot is passed over", () => {
    bench.snapshot(5);
    bench.hear({ type: "delta", after: 3, version: 4, changes: [{ change: "left", id: "ada", why: "left" }] });
    expect(bench.core.view().room.participants).toHaveLength(2);
    expect(bench.sent).not.toContainEqual({ type: "resync" });
  });

  test("pings at the server's interval and stays while it answers", () => {
    for (let round = 0; round < 10; round += 1) {
      bench.pass(5000);
      expect(bench.sent.at(-1)).toEqual({ type: "ping" });
      bench.hear({ type: "pong" });
    }
    expect(bench.state).toBe("connected");
  });

  test("a silent server counts as lost two intervals after a ping, and the socket is closed", () => {
    bench.pass(14_999);
    expect(bench.state).toBe("connected");
    bench.pass(1);
    expect(bench.state).toBe("reconnecting");
    expect(bench.done.slice(-3)).toEqual(["close", "away", "changed"]);
  });

  test("what was said in the chat meanwhile is read after a snapshot, and told as if it had been heard", () => {
    const message = (seq: number) => ({
      seq,
      at: seq,
      from: { participant: "ada", identity: "ada", name: "Ada" },
      text: `${seq}`,
    });
    bench.hear({ type: "chat", n: 1, event: "said", message: message(1) });
    bench.hear({ type: "snapshot", state: bench.core.view().room, presence: bench.core.view().presence, chat: 3 });
    expect(bench.commands().at(-1)).toEqual({ do: "read", limit: 100 });
    const asked = bench.sent.at(-1);
    const id = asked?.type === "command" ? asked.id : 0;
    bench.hear({
      type: "ack",
      id,
      version: 1,
      result: { of: "read", messages: [message(2), message(1)], more: false },
    });
    const told = bench.effects.flatMap((effect) => (effect.effect === "happened" ? [effect.message] : []));
    expect(told).toMatchObject([
      { message: { seq: 1 } },
      { type: "reread", messages: [{ seq: 2 }, { seq: 1 }], more: false },
      { type: "chat", event: "said", message: { seq: 2 } },
    ]);
    // A snapshot after which nothing was said asks for nothing.
    bench.hear({ type: "snapshot", state: bench.core.view().room, presence: bench.core.view().presence, chat: 3 });
    expect(bench.commands().filter(({ do: what }) => what === "read")).toHaveLength(1);
  });

  test("words of an earlier socket change nothing", () => {
    const old = bench.socket;
    bench.close();
    bench.pass(1000);
    bench.do({ input: "message", socket: old, message: snapshot(9, []) });
    bench.do({ input: "closed", socket: old, reason: "replaced" });
    expect(bench.core.view().room.version).toBe(1);
    expect(bench.state).toBe("reconnecting");
  });
});

describe("coming back", () => {
  beforeEach(() => bench.join());

  test("waits as the policy says, and says hello with the version it has", () => {
    bench.close();
    expect(bench.state).toBe("reconnecting");
    const before = bench.socket;
    bench.pass(999);
    expect(bench.socket).toBe(before);
    bench.pass(1);
    bench.do({ input: "opened", socket: bench.socket });
    expect(bench.sent.at(-1)).toEqual(hello({ resume: { lineage: "l1", version: 1, chat: 0 } }));
    bench.hear(welcome);
    bench.hear({ type: "delta", after: 1, version: 2, changes: [{ change: "left", id: "ada", why: "left" }] });
    expect(bench.state).toBe("connected");
    expect(bench.core.view().room.version).toBe(2);
  });

  test("the room stays in view meanwhile, and the loss keeps its first moment", () => {
    bench.pass(100);
    bench.close();
    bench.pass(1000);
    bench.close();
    expect(bench.core.view().connection).toEqual({ state: "reconnecting", since: 100 });
    expect(bench.core.view().room.participants).toHaveLength(2);
  });

  test("a network that returns ends the wait", () => {
    bench.close();
    const before = bench.socket;
    bench.do({ input: "online" });
    expect(bench.socket).toBe(before + 1);
  });

  test("a server that restarts is awaited; one that removed us is not", () => {
    bench.close("shutting-down");
    expect(bench.state).toBe("reconnecting");
    bench.pass(1000);
    bench.close("not-allowed");
    expect(bench.core.view().connection).toMatchObject({ state: "ended", end: { refusal: { code: "not-allowed" } } });
  });

  test("a token that replaced one that was over may be over too, if the server was not heard in between", () => {
    for (const token of ["second", "third"]) {
      bench.close("bad-token");
      bench.do({ input: "token", token });
      bench.close();
      bench.pass(1000);
    }
    bench.close("bad-token");
    bench.do({ input: "token", token: "fourth" });
    expect(bench.state).toBe("reconnecting");
  });

  test("a reason that is no code of ours is a lost socket, also when it is a word of every object", () => {
    bench.close("constructor");
    expect(bench.state).toBe("reconnecting");
  });

  test("another page of the same participant takes over for good", () => {
    bench.close("replaced");
    expect(bench.core.view().connection).toEqual({ state: "ended", end: { why: "replaced" } });
    bench.pass(60_000);
    expect(bench.done.filter((effect) => effect === "open")).toHaveLength(1);
  });
});

describe("announcing", () => {
  beforeEach(() => bench.join());

  test("one command at a time, the next one from where things stand then", () => {
    bench.do({ input: "announce", tracks: [microphone] });
    bench.do({ input: "announce", tracks: [{ ...microphone, muted: true }] });
    expect(bench.commands()).toEqual([{ do: "publish", tracks: [microphone] }]);
    bench.published(microphone);
    expect(bench.commands()).toEqual([
      { do: "publish", tracks: [microphone] },
      { do: "mute", name: "a", muted: true },
    ]);
  });

  test("a mute made while the socket was lost is told after the return", () => {
    bench.do({ input: "announce", tracks: [microphone] });
    bench.published(microphone);
    bench.close();
    bench.do({ input: "announce", tracks: [{ ...microphone, muted: true }] });
    bench.pass(1000);
    bench.do({ input: "opened", socket: bench.socket });
    bench.hear(welcome);
    bench.snapshot(7, [microphone]);
    expect(bench.commands().at(-1)).toEqual({ do: "mute", name: "a", muted: true });
  });

  test("a room that gave up our place holds none of our media sessions, so nothing of them is told", () => {
    bench.do({ input: "announce", tracks: [microphone] });
    bench.published(microphone);
    bench.close();
    bench.pass(1000);
    bench.do({ input: "opened", socket: bench.socket });
    expect(bench.done).not.toContain("new-stay");
    bench.hear(welcomed(20_000));
    bench.hear(snapshot(9, [{ ...participant("me"), joinedAt: 20_000 }]));
    expect(bench.done).toContain("new-stay");
    expect(bench.commands()).toHaveLength(1);
    bench.do({ input: "announce", tracks: [{ ...microphone, session: "s2" }] });
    expect(bench.commands().at(-1)).toMatchObject({ do: "publish", tracks: [{ session: "s2" }] });
  });

  test("a lasting refusal is not repeated until the wish changes; a passing one after a second", () => {
    bench.do({ input: "announce", tracks: [microphone] });
    bench.hear({ type: "error", id: 1, code: "not-allowed", message: "No.", retry: false });
    bench.pass(4000);
    bench.do({ input: "announce", tracks: [{ ...microphone }] });
    expect(bench.commands()).toHaveLength(1);
    bench.do({ input: "announce", tracks: [{ ...microphone, muted: true }] });
    bench.hear({ type: "error", id: 2, code: "too-many-requests", message: "Slower.", retry: true });
    bench.pass(999);
    expect(bench.commands()).toHaveLength(2);
    bench.pass(1);
    expect(bench.commands()).toHaveLength(3);
  });

  test("a rename is kept up like everything else", () => {
    bench.do({ input: "rename", name: "Grace" });
    expect(bench.commands()).toEqual([{ do: "rename", name: "Grace" }]);
  });
});

describe("the record of the call", () => {
  const report = { sample: { quality: "good" } } as const;

  test("is told to the room while it hears, and is not told later", () => {
    bench.do({ input: "join" });
    bench.do({ input: "report", report });
    bench.join();
    const before = bench.sent.length;
    bench.do({ input: "report", report });
    expect(bench.sent.slice(before)).toEqual([{ type: "report", ...report }]);
  });

  test("is not told again to a server that does not know it", () => {
    bench.join();
    bench.do({ input: "report", report });
    bench.hear({ type: "error", code: "unknown-command", message: "What?", retry: false });
    const before = bench.sent.length;
    bench.do({ input: "report", report });
    expect(bench.sent).toHaveLength(before);
  });

  test("outages of the socket are counted with what caused them", () => {
    bench.join();
    bench.close("shutting-down");
    bench.pass(5_000);
    expect(bench.core.outages(bench.now)).toMatchObject({ begun: 1, ended: 0, causes: { "shutting-down": 1 } });
    expect(bench.core.outages(bench.now).present).toBeGreaterThan(0);
    bench.do({ input: "opened", socket: bench.socket });
    bench.hear(welcome);
    expect(bench.core.outages(bench.now)).toMatchObject({ begun: 1, ended: 1, tries: 1, present: undefined });
  });
});

describe("leaving", () => {
  test("says so, counts as over at once, and ends with the ack", () => {
    bench.join();
    bench.do({ input: "leave" });
    expect(bench.commands()).toEqual([{ do: "leave" }]);
    expect(bench.state).toBe("ended");
    bench.hear({ type: "ack", id: 1, version: 2 });
    expect(bench.done).toContain("close");
    expect(bench.core.nextDeadline()).toBeUndefined();
  });

  test("does not wait for a server that is gone, nor speak twice", () => {
    bench.join();
    bench.do({ input: "leave" });
    bench.do({ input: "leave" });
    expect(bench.commands()).toHaveLength(1);
    bench.pass(1000);
    expect(bench.done.at(-2)).toBe("close");
  });

  test("is possible before the room was reached", () => {
    bench.do({ input: "join" });
    bench.do({ input: "leave" });
    expect(bench.state).toBe("ended");
    bench.do({ input: "token", token: "t" });
    expect(bench.done).not.toContain("open");
  });
});
