import type { OrangeUser, Participant } from "@satsuma/protocol";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { MediaOperation } from "../src/index.ts";
import { camera, heard, microphone } from "./stage.ts";
import { stateOf, TwoDialects } from "./two-dialects.ts";

const flags = fc.record({
  joined: fc.boolean(),
  raisedHand: fc.boolean(),
  speaking: fc.boolean(),
  audio: fc.boolean(),
  audioEnabled: fc.boolean(),
  video: fc.boolean(),
  screen: fc.boolean(),
});
type Flags = typeof flags extends fc.Arbitrary<infer T> ? T : never;

const who = fc.nat(2);
const step = fc.oneof(
  fc.record({ step: fc.constantFrom("join" as const, "lose" as const, "leave" as const, "publish" as const), who }),
  fc.record({ step: fc.constantFrom("unpublish" as const, "silence" as const, "remove" as const), who }),
  fc.record({ step: fc.constantFrom("enter" as const, "cut" as const, "left" as const, "mute" as const), who }),
  fc.record({ step: fc.constant("update" as const), who, flags }),
  fc.record({ step: fc.constantFrom("end" as const, "restart" as const), who }),
  fc.record({ step: fc.constant("pass" as const), milliseconds: fc.nat(20_000), who }),
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** Without `size`, fast-check keeps to ten. */
const steps = (maxLength: number) => fc.array(step, { maxLength, size: "max" });

test("two dialects in one room see the same people, whatever happens in whatever order", () => {
  fc.assert(
    fc.property(steps(60), (played) => {
      const stage = new TwoDialects({ eventBurst: 10_000 });
      // Somebody of each dialect looks on; they do nothing but live.
      let [host, lou] = [stage.host(), stage.enter("lou")];
      for (const next of played) {
        take(stage, next);
        if (host.lost || host.closed) host = stage.host();
        if (lou.lost || lou.closed) lou = stage.enter("lou");
        stage.play({ input: "ping", socket: host.socket });
        stage.say(lou, { type: "heartbeat" });
        expectSame(stage);
      }
    }),
    { numRuns: 300 },
  );
});

test("whatever happened, nobody is left when everyone has been silent for long enough", () => {
  fc.assert(
    fc.property(steps(60), (played) => {
      const stage = new TwoDialects({ eventBurst: 10_000 });
      for (const next of played) take(stage, next);
      stage.pass(120_000);
      expect(stage.room.people()).toEqual([]);
      expect(stage.room.nextDeadline()).toBeUndefined();
      expect(stage.live()).toEqual([]);
      expect([...stage.stored.keys()].filter((key) => /^(orange|member):/.test(key))).toEqual([]);
    }),
    { numRuns: 200 },
  );
});

describe("across the doors", () => {
  const user = (id: string, changes: Partial<OrangeUser> = {}): OrangeUser => ({
    id,
    name: id,
    raisedHand: false,
    speaking: false,
    joined: true,
    tracks: { audio: `s-${id}/a`, audioEnabled: true, audioUnavailable: false, video: `s-${id}/v`, videoEnabled: true },
    ...changes,
  });

  test("[RM64] the AI is for those who may use it: neither who waits nor who is in, when it is withheld", () => {
    const stage = new TwoDialects();
    const [host, lou] = [stage.host(), stage.enter("lou")];
    const refused = () => lou.received.filter(({ type }) => type === "error").length;
    stage.command(host, { do: "set-rules", rules: { withheld: ["ai"] } });
    stage.say(lou, { type: "enableAi" });
    stage.say(lou, { type: "userUpdate", user: user("lou") });
    stage.say(lou, { type: "enableAi" });
    stage.say(lou, { type: "disableAi" });
    expect(refused()).toBe(3);
    expect(stateOf(lou)?.ai).toEqual({ enabled: false });
    stage.command(host, { do: "set-rules", rules: { withheld: [] } });
    stage.say(lou, { type: "enableAi" });
    stage.pass(1_000);
    expect(refused()).toBe(3);
    expect(stateOf(lou)?.ai.connectionPending).toBe(true);
  });

  test("a member is muted by a user of Orange, and may unmute; one who moderates is not", () => {
    const stage = new TwoDialects();
    const [host, ann] = [stage.host(), stage.join("ann")];
    for (const [peer, id] of [
      [host, "host"],
      [ann, "ann"],
    ] as const) {
      stage.bind(id, `s-${id}`);
      stage.command(peer, { do: "publish", tracks: [microphone(`s-${id}`)] });
    }
    const orange = stage.enter("orange");
    for (const id of ["ann", "host"]) stage.say(orange, { type: "muteUser", id });
    const muted = (id: string) => stage.room.state.participants.find((other) => other.id === id)?.tracks[0]?.muted;
    expect([muted("ann"), muted("host")]).toEqual([true, false]);
    expect(heard(ann, "notice")).toMatchObject([{ notice: "silenced", by: { name: "orange" } }]);
    stage.command(ann, { do: "mute", name: "mic", muted: false });
    stage.pass(stage.settings.orange.window);
    expect(stateOf(orange)?.users.find(({ id }) => id === "ann")?.tracks.audioEnabled).toBe(true);
  });

  test("[RM97] mutes by users of Orange push out nothing that a moderator did, and [RM98] are so many and no more", () => {
    const stage = new TwoDialects({ eventsKept: 5, deedsKept: 2 });
    const host = stage.host();
    const ann = stage.join("ann");
    stage.command(host, { do: "silence", id: "ann" });
    const deed = stage.events.at(-1);
    const orange = stage.enter("orange");
    const before = stage.events.length;
    for (let time = 0; time < 500; time++) {
      stage.say(orange, { type: "muteUser", id: "ann" });
      stage.say(orange, { type: "heartbeat" });
      for (const { socket } of [host, ann]) stage.play({ input: "ping", socket });
      stage.pass(200);
    }
    expect(orange.closed).toBeUndefined();
    expect(stage.events.length - before).toBeLessThanOrEqual(240 + 100 * 2);
    expect(stage.result(host, { do: "audit", limit: 100 })).toMatchObject({ events: expect.arrayContaining([deed]) });
  });

  test("[RM98] of tracks that a user of Orange has too many of, the others hear when there is room for them again", () => {
    const stage = new TwoDialects({ eventRate: 1, eventBurst: 4 });
    const host = stage.host();
    const orange = stage.enter("orange", ["s-orange"]);
    const shown = () => host.view?.participants.find(({ id }) => id === "orange")?.tracks.map(({ source }) => source);
    stage.say(orange, { type: "userUpdate", user: user("orange") });
    expect(shown()).toEqual(["microphone"]);
    stage.pass(2_000);
    stage.say(orange, { type: "userUpdate", user: user("orange") });
    expect(shown()).toEqual(["microphone", "camera"]);
    for (let time = 0; time < 20; time++) {
      stage.say(orange, { type: "userUpdate", user: user("orange", { joined: time % 2 === 1 }) });
    }
    expect(stage.events.length).toBeLessThan(12);
  });

  test("a moderator mutes a user of Orange, whose client is told", () => {
    const stage = new TwoDialects();
    const host = stage.host();
    const orange = stage.enter("orange", ["s-orange"]);
    stage.say(orange, { type: "userUpdate", user: user("orange") });
    stage.command(host, { do: "silence", id: "orange" });
    expect(orange.received.filter(({ type }) => type === "muteMic")).toHaveLength(1);
    stage.pass(stage.settings.orange.window);
    expect(stateOf(orange)?.users.find(({ id }) => id === "orange")?.tracks.audioEnabled).toBe(false);
    expect(host.view?.participants.at(-1)?.tracks).toMatchObject([
      { source: "microphone", muted: true },
      { muted: false },
    ]);
  });

  test("a user whom a moderator removed is closed, and its page does not come in again", () => {
    const stage = new TwoDialects();
    const host = stage.host();
    const [orange, other] = [stage.enter("orange"), stage.enter("other")];
    stage.say(orange, { type: "userUpdate", user: user("orange") });
    stage.command(host, { do: "remove", id: "orange" });
    expect(orange.closed).toBe(1011);
    expect(other.received).toContainEqual({ type: "userLeftNotification", id: "orange" });
    expect(stage.enter("orange").closed).toBe(1011);
    // Nor under another id, until it is given its name anew.
    stage.now += 1;
    expect(stage.enter("reloaded").closed).toBeUndefined();
    stage.command(host, { do: "ban", identity: "person-reloaded" });
    expect(stage.enter("again", [], "person-reloaded").closed).toBe(1011);
  });

  test("a locked room, and one with a passcode, show nothing to who comes by Orange's door", () => {
    const stage = new TwoDialects();
    const host = stage.host();
    for (const rules of [{ locked: true }, { locked: false, lobby: true }]) {
      stage.command(host, { do: "set-rules", rules });
      const late = stage.enter(`late-${rules.locked}`);
      expect([late.closed, stateOf(late)]).toEqual([1011, undefined]);
    }
  });

  test("speaking and hands are the same at both doors", () => {
    const stage = new TwoDialects();
    const ann = stage.join("ann");
    const orange = stage.enter("orange");
    stage.say(orange, { type: "userUpdate", user: user("orange", { raisedHand: true, speaking: true }) });
    stage.command(ann, { do: "raise" });
    stage.play({ input: "signal", socket: ann.socket, signal: { speaking: true } });
    stage.pass(1_000);
    expect(ann.presence?.speaking.toSorted()).toEqual(["ann", "orange"]);
    expect(ann.view?.hands.map(({ id }) => id)).toEqual(["orange", "ann"]);
    expect(stateOf(orange)?.users).toMatchObject([
      { id: "ann", raisedHand: true, speaking: true },
      { id: "orange", raisedHand: true, speaking: true },
    ]);
  });

  test("somebody with a token takes their id back from who only claims it", () => {
    const stage = new TwoDialects();
    const squatter = stage.enter("ann");
    stage.say(squatter, { type: "userUpdate", user: user("ann") });
    const ann = stage.join("ann");
    expect(squatter.closed).toBe(1011);
    expect(ann.view?.participants).toMatchObject([{ id: "ann", tracks: [] }]);
    expect(stage.enter("ann").closed).toBe(1011);
  });

  test("an id in use is nobody else's, whatever they are called", () => {
    const stage = new TwoDialects();
    const ann = stage.enter("ann", [], "one");
    expect(stage.enter("ann", [], "another").closed).toBe(1011);
    expect(stage.enter("ai").closed).toBe(1011);
    expect(ann.closed).toBeUndefined();
  });

  test("tracks are pulled only from sessions that are their user's own, and only by who is here", () => {
    const stage = new TwoDialects();
    const ann = stage.join("ann");
    stage.bind("ann", "s-ann");
    stage.command(ann, { do: "publish", tracks: [camera("s-ann")] });
    const [eve, bob] = [stage.enter("eve", ["s-eve"]), stage.enter("bob", ["s-bob"])];
    stage.say(bob, { type: "userUpdate", user: user("bob") });
    stage.say(eve, {
      type: "userUpdate",
      user: user("eve", { tracks: { ...user("eve").tracks, video: "s-elsewhere/v" } }),
    });
    const wanted = ["s-ann/cam", "s-bob/a", "s-bob/v", "s-eve/a", "s-elsewhere/v", "s-nobody/a"];
    const may = (person: string) => stage.room.pullableBy(person, wanted, stage.now);
    expect(may("person-bob")).toEqual(["s-ann/cam", "s-bob/a", "s-bob/v", "s-eve/a"]);
    expect(may("person-of-nobody")).toEqual([]);
    stage.play({ input: "orange-bound", person: "person-eve", session: "s-elsewhere" });
    expect(may("person-bob")).toContain("s-elsewhere/v");
    const pull: MediaOperation = {
      do: "tracks",
      session: "s-ann",
      body: { tracks: [{ location: "remote", sessionId: "s-bob", trackName: "a" }] },
    } as const;
    expect(stage.room.authorize("ann", pull, stage.now)).toMatchObject({ verdict: "allowed", answered: new Map() });
  });
});

function take(stage: TwoDialects, next: Step): void {
  const member = [...stage.peers.values()].findLast(
    (peer) =>
      !peer.lost &&
      !peer.closed &&
      peer.view?.participants.some(({ id }) => id === `m${next.who}`) &&
      peer.received.some((message) => message.type === "welcome" && message.participant === `m${next.who}`),
  );
  const host = [...stage.peers.values()].find((peer) => !peer.lost && !peer.closed);
  const orange = stage.live().findLast(({ id }) => id === `o${next.who}`);
  switch (next.step) {
    case "join":
      stage.join(`m${next.who}`);
      stage.bind(`m${next.who}`, `s-m${next.who}`);
      break;
    case "lose":
      if (member) stage.lose(member);
      break;
    case "leave":
      if (member) stage.command(member, { do: "leave" });
      break;
    case "publish":
      if (member)
        stage.command(member, { do: "publish", tracks: [microphone(`s-m${next.who}`), camera(`s-m${next.who}`)] });
      break;
    case "unpublish":
      if (member) stage.command(member, { do: "unpublish", names: ["mic"] });
      break;
    case "silence":
    case "remove":
      if (host) stage.command(host, { do: next.step, id: next.who === 0 ? "m0" : `o${next.who}` });
      break;
    case "end":
      if (host) stage.command(host, { do: "end" });
      break;
    case "enter":
      stage.enter(`o${next.who}`, [`s-o${next.who}`]);
      break;
    case "cut":
      if (orange) stage.cut(orange);
      break;
    case "left":
      if (orange) stage.say(orange, { type: "userLeft" });
      break;
    case "mute":
      if (orange) stage.say(orange, { type: "muteUser", id: `o${(next.who + 1) % 3}` });
      break;
    case "update":
      if (orange) stage.say(orange, { type: "userUpdate", user: userWith(orange.id, next.flags) });
      break;
    case "restart":
      stage.restart();
      break;
    case "pass":
      stage.pass(next.milliseconds);
      break;
  }
}

function userWith(id: string, { joined, raisedHand, speaking, audio, audioEnabled, video, screen }: Flags): OrangeUser {
  return {
    id,
    name: id,
    joined,
    raisedHand,
    speaking,
    tracks: {
      ...(audio && { audio: `s-${id}/a` }),
      audioEnabled,
      audioUnavailable: !audio,
      ...(video && { video: `s-${id}/v` }),
      videoEnabled: true,
      screenshare: `s-${id}/s`,
      screenShareEnabled: screen,
    },
  };
}

/** Everyone at one door holds the room's state, everyone at the other the same people with the same tracks. */
function expectSame(stage: TwoDialects): void {
  const { window } = stage.settings.orange;
  stage.pass(window);
  const { participants, hands } = stage.room.state;
  for (const peer of stage.peers.values()) {
    if (!peer.lost && !peer.closed && peer.view) expect(peer.view).toEqual(stage.room.state);
  }
  for (const peer of stage.live()) {
    const users = stateOf(peer)?.users.filter(({ joined }) => joined) ?? [];
    expect(users.map(({ id }) => id)).toEqual(participants.map(({ id }) => id).toSorted());
    for (const user of users) {
      const participant = participants.find(({ id }) => id === user.id);
      expect(user.name).toBe(participant?.name);
      expect(user.raisedHand).toBe(hands.some(({ id }) => id === user.id));
      expect(tracksIn(user)).toEqual(participant && tracksOf(participant));
    }
  }
}

/** Source, place, and whether it carries anything. */
function tracksIn({ tracks }: OrangeUser): string[] {
  return [
    ...(tracks.audio ? [`microphone ${tracks.audio} ${tracks.audioEnabled === true}`] : []),
    ...(tracks.video ? [`camera ${tracks.video} ${tracks.videoEnabled === true}`] : []),
    ...(tracks.screenshare && tracks.screenShareEnabled ? [`screen ${tracks.screenshare} true`] : []),
  ].sort();
}

function tracksOf({ tracks }: Participant): string[] {
  return tracks.map(({ source, session, name, muted }) => `${source} ${session}/${name} ${!muted}`).sort();
}
