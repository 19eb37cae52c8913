import { type ServerMessage, trackGrants } from "@satsuma/protocol";
import fc from "fast-check";
import { expect, test } from "vitest";
import { needed } from "../src/capability/permission.ts";
import { Room } from "../src/index.ts";
import { durable } from "./durable.ts";
import { grantsOf, type Peer, Stage } from "./stage.ts";
import { life, take, tight } from "./steps.ts";

/** Rooms that each test tries; `npm run nightly:rooms` tries more. */
const lives = Number(process.env.ROOM_LIVES ?? 60);
/** Milliseconds: seconds of work, on a machine that may have much else to do. */
const patience = Math.max(120_000, lives * 1_000);

test(
  "[RM1][RM2][RM4] whatever happens in whatever order, every joined socket holds the room's state",
  () => {
    fc.assert(
      fc.property(life(120), (steps) => {
        const stage = new Stage(tight);
        for (const next of steps) {
          const before = stage.room.state.version;
          take(stage, next);
          if (next.step !== "pass" && next.step !== "reload" && next.step !== "resume") {
            expect(stage.room.state.version - before).toBeLessThanOrEqual(1);
          }
          expectConverged(stage);
        }
      }),
      { numRuns: lives },
    );
  },
  patience,
);

test(
  "[RM60][RM64][RM71][RM81] whatever happens, nobody banned is here, nobody sends what they may not, and no whisper is overheard",
  () => {
    fc.assert(
      fc.property(life(120), (steps) => {
        const stage = new Stage(tight);
        for (const next of steps) {
          take(stage, next);
          const banned = [...stage.stored].filter(
            ([key, value]) => key.startsWith("person:") && value.includes('"banned"'),
          );
          const identities = banned.map(([key]) => key.slice("person:".length));
          for (const { identity } of stage.room.people()) expect(identities).not.toContain(identity);
          for (const peer of joined(stage)) expectLawful(stage, peer);
        }
        for (const peer of stage.peers.values()) expectDiscreet(peer);
      }),
      { numRuns: lives },
    );
  },
  patience,
);

test(
  "[RM22][RM26] whatever happened, nobody is left when everyone has been silent for long enough",
  () => {
    fc.assert(
      fc.property(life(80), (steps) => {
        const stage = new Stage(tight);
        for (const next of steps) take(stage, next);
        const { pingInterval, grace, emptyFor } = stage.settings;
        stage.pass(3 * pingInterval + grace + emptyFor);
        expect(stage.room.people()).toEqual([]);
        expect(stage.room.state).toMatchObject({ meeting: null, participants: [], hands: [], polls: [] });
        expect(stage.room.nextDeadline()).toBeUndefined();
        const left = [...stage.stored.keys()].filter((key) => !/^(meta|event:|deeds|person:|revoked:)/.test(key));
        expect(left).toEqual([]);
      }),
      { numRuns: lives },
    );
  },
  patience,
);

test(
  "[RM50][RM51] what is stored is the room at every moment, but for who is connected",
  () => {
    fc.assert(
      fc.property(life(80), (steps) => {
        const stage = new Stage(tight);
        for (const next of steps) {
          take(stage, next);
          const copy = Room.restore(stage.settings, stage.loaded(), stage.now, "copy");
          expect(durable(copy)).toEqual(durable(stage.room));
        }
      }),
      { numRuns: lives },
    );
  },
  patience,
);

test(
  "[RM50] a room read back at any moment converges again",
  () => {
    fc.assert(
      fc.property(life(60), life(60), (earlier, later) => {
        const stage = new Stage(tight);
        for (const next of earlier) take(stage, next);
        const seen = Math.max(0, ...stage.deltas);
        stage.restart();
        if (seen > 0) expect(stage.room.state.version).toBeGreaterThan(seen);
        for (const next of later) {
          take(stage, next);
          expectConverged(stage);
        }
      }),
      { numRuns: lives },
    );
  },
  patience,
);

test(
  "[RM90] events are numbered without a gap, whatever happens and however often the room is read back",
  () => {
    fc.assert(
      fc.property(fc.array(life(30), { maxLength: 4 }), (lives) => {
        const stage = new Stage(tight);
        for (const steps of lives) {
          for (const next of steps) take(stage, next);
          stage.restart();
        }
        expect(stage.events.map(({ seq }) => seq)).toEqual(stage.events.map((_, index) => index + 1));
      }),
      { numRuns: lives },
    );
  },
  patience,
);

test(
  "[RM35][RM38][RM64] whatever is asked, what is refused or repeated changes nothing, and nothing is done without its grant",
  () => {
    fc.assert(
      fc.property(life(120), (steps) => {
        const stage = new Stage(tight);
        stage.observe = ({ command, answer, grants, before, after, repeated }) => {
          if (answer?.type === "error" || repeated) expect(after).toEqual(before);
          if (answer?.type !== "ack" || repeated) return;
          const grant = needed[command.do];
          if (grant) expect(grants).toContain(grant);
        };
        for (const next of steps) take(stage, next);
      }),
      { numRuns: lives },
    );
  },
  patience,
);

function joined(stage: Stage): Peer[] {
  const live = [...stage.peers.values()].filter((peer) => !peer.lost && peer.closed === undefined);
  return live.filter((peer) => peer.received.some(({ type }) => type === "welcome"));
}

function expectConverged(stage: Stage): void {
  const here = joined(stage);
  for (const peer of here) {
    expect(peer.view).toEqual(stage.room.state);
    expect(peer.presence).toEqual(stage.room.presence);
  }
  const open = stage.room.state.polls.filter(({ result }) => result === null).map(({ id }) => String(id));
  expect(open).toEqual(expect.arrayContaining(Object.keys(stage.room.presence.tallies)));
  const people = stage.room.people();
  expect(here).toHaveLength(people.filter(({ connection }) => connection === "connected").length);
  expect(stage.room.state.participants).toEqual(people.filter(({ role }) => role !== "listener").sort(byPlace(stage)));
  expect(stage.room.state.participants.length).toBeLessThanOrEqual(tight.participants);
}

function byPlace(stage: Stage) {
  const places = stage.room.state.participants.map(({ id }) => id);
  return (a: { id: string }, b: { id: string }) => places.indexOf(a.id) - places.indexOf(b.id);
}

/** They send only what they were last told they may send. */
function expectLawful(stage: Stage, peer: Peer): void {
  const face = stage.room.people().find(({ id }) => id === peer.participant);
  const grants = grantsOf(peer);
  for (const { source } of face?.tracks ?? []) expect(grants).toContain(trackGrants[source]);
}

/** They were told only what is for them: nothing of the room while they waited, no message between two others. */
function expectDiscreet(peer: Peer): void {
  const before: ServerMessage["type"][] = ["waiting", "pong", "error"];
  const welcomed = peer.received.findIndex(({ type }) => type === "welcome");
  const outside = welcomed < 0 ? peer.received : peer.received.slice(0, welcomed);
  for (const { type } of outside) expect(before).toContain(type);
  for (const message of peer.received) {
    if (message.type !== "chat" || message.event !== "said" || !message.message.to) continue;
    const { from, to } = message.message;
    expect([from.identity, to.identity]).toContain(`person-${peer.participant}`);
  }
}
