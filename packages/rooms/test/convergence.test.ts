import { type ServerMessage, trackGrants } from "@satsuma/protocol";
import fc from "fast-check";
import { expect, test } from "vitest";
import { Room } from "../src/index.ts";
import { grantsOf, type Peer, Stage } from "./stage.ts";
import { life, take, tight } from "./steps.ts";

/** Milliseconds: seconds of work, on a machine that may have much else to do. */
const patience = 120_000;

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
      { numRuns: 100 },
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
      { numRuns: 100 },
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
        const left = [...stage.stored.keys()].filter((key) => !/^(meta|event:|person:|revoked:)/.test(key));
        expect(left).toEqual([]);
      }),
      { numRuns: 100 },
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
      { numRuns: 60 },
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
      { numRuns: 60 },
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
      { numRuns: 60 },
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

/** What must outlive the process, of a room as it is. */
function durable(room: Room) {
  const { version: _, participants, ...state } = room.state;
  const people = room.people().map((face) => ({ ...face, connection: "recovering" }));
  const records = room.records().filter(([key]) => /^(person|revoked|chat|poll|vote|kv|member):/.test(key));
  return JSON.parse(
    JSON.stringify({
      state,
      stage: participants.map(({ id }) => id),
      people: people.sort((a, b) => (a.id < b.id ? -1 : 1)),
      sessions: people.map(({ id }) => room.sessionsOf(id)),
      audience: people.length - participants.length,
      records: Object.fromEntries(records.map(([key, value]) => [key, withoutConnection(value)])),
    }),
  );
}

function withoutConnection(value: unknown): unknown {
  if (typeof value !== "object" || value === null || !("face" in value)) return value;
  return { ...value, face: { ...(value.face as object), connection: "recovering" } };
}
