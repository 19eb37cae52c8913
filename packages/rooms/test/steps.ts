/** What can happen to a room, for tests that try it in any order: numbers pick among the sockets and people there are. */
import type { Grant, Role } from "@satsuma/protocol";
import fc from "fast-check";
import type { Claims, Entrance, Order, RoomCommand } from "../src/index.ts";
import { durable } from "./durable.ts";
import { camera, grantsOf, microphone, type Peer, type Stage } from "./stage.ts";

export type Step =
  | { readonly step: "open" }
  | {
      readonly step: "hello" | "reload" | "resume";
      readonly socket: number;
      readonly who: number;
      readonly role: Role;
      /** A passcode is said, and whether it is the right one; undefined: none is. */
      readonly knows?: boolean | undefined;
    }
  | { readonly step: "crowd"; readonly people: readonly number[]; readonly role: Role }
  | { readonly step: "lose" | "ping" | "resync" | "garbage"; readonly socket: number }
  | { readonly step: "command"; readonly socket: number; readonly command: RoomCommand; readonly again: boolean }
  | { readonly step: "signal"; readonly socket: number; readonly speaking: boolean }
  | { readonly step: "order"; readonly order: Order }
  | { readonly step: "revoke"; readonly who: number }
  /** A media session is asked for; `bind` or `unmade` tells what came of it, or nothing yet. */
  | { readonly step: "ask" | "unmade"; readonly who: number }
  | { readonly step: "bind"; readonly who: number; readonly session: number }
  | { readonly step: "unbind"; readonly session: number }
  | { readonly step: "pass"; readonly milliseconds: number };

const socket = fc.nat(11);
const who = fc.nat(3);
const session = fc.nat(1);
const name = fc.constantFrom("a", "b", "c");
const someone = who.map((number) => `p${number}`);
const seq = fc.integer({ min: 1, max: 6 });
const poll = fc.integer({ min: 1, max: 2 });
const revision = fc.option(fc.nat(4), { nil: undefined });
const role: fc.Arbitrary<Role> = fc.constantFrom("host", "speaker", "listener");
const grants: fc.Arbitrary<Grant[]> = fc.subarray(["chat", "camera", "microphone", "direct", "state", "subscribe"]);

function act<const Do extends RoomCommand["do"], Fields extends object>(
  verb: Do,
  fields: { [Key in keyof Fields]: fc.Arbitrary<Fields[Key]> },
) {
  return fc.record({ do: fc.constant(verb), ...fields }) as unknown as fc.Arbitrary<{ readonly do: Do } & Fields>;
}

const ownCommand: fc.Arbitrary<RoomCommand> = fc.oneof(
  act("publish", {
    tracks: fc.array(
      fc
        .tuple(session, name, fc.boolean())
        .map(([number, track, video]) => (video ? camera : microphone)(`s${number}`, track)),
      { minLength: 1, maxLength: 3 },
    ),
  }),
  act("unpublish", { names: fc.array(name, { minLength: 1, maxLength: 2 }) }),
  act("mute", { name, muted: fc.boolean() }),
  act("rename", { name }),
  act("describe", { attributes: fc.dictionary(name, fc.option(name), { maxKeys: 2 }) }),
  act("raise", {}),
  act("lower", { id: fc.option(someone, { nil: undefined }) }),
  act("accept", {}),
  act("leave", {}),
);
const sharedCommand: fc.Arbitrary<RoomCommand> = fc.oneof(
  act("say", { text: name, to: fc.option(someone, { nil: undefined }) }),
  act("edit", { seq, text: name }),
  act("delete", { seq }),
  act("react", { seq, emoji: fc.constantFrom("🎉", "👍"), on: fc.boolean() }),
  act("read", { limit: fc.constant(10) }),
  act("poll", {
    question: name,
    options: fc.constant(["yes", "no"]),
    anonymous: fc.boolean(),
    multiple: fc.boolean(),
  }),
  act("vote", { poll, choices: fc.subarray([0, 1]) }),
  act("close-poll", { poll }),
  act("delete-poll", { poll }),
  act("set", { key: name, value: fc.nat(9), if: revision }),
  act("unset", { key: name, if: revision }),
  act("watch", { prefix: fc.constantFrom("", "a") }),
  act("unwatch", { prefix: fc.constantFrom("", "a") }),
  act("relay", { topic: name, payload: name, to: fc.option(fc.array(someone, { maxLength: 2 }), { nil: undefined }) }),
  act("emote", { emoji: fc.constantFrom("🎉", "👍") }),
  act("list-audience", { limit: fc.constant(10) }),
  act("list-votes", { poll, limit: fc.constant(10) }),
  act("transfer", { id: someone }),
);
const seldom = fc.nat(7).map((number) => number === 0);
const moderation: fc.Arbitrary<Extract<RoomCommand, Order>> = fc.oneof(
  act("admit", { ids: fc.option(fc.array(someone, { minLength: 1, maxLength: 2 }), { nil: undefined }) }),
  act("deny", { ids: fc.array(someone, { minLength: 1, maxLength: 2 }) }),
  act("silence", { id: fc.option(someone, { nil: undefined }) }),
  act("stop", { id: someone, source: fc.constantFrom("camera" as const, "microphone" as const) }),
  act("remove", { id: someone }),
  act("ban", { identity: someone.map((id) => `person-${id}`) }),
  act("unban", { identity: someone.map((id) => `person-${id}`) }),
  act("set-role", { id: someone, role }),
  act("grant", { id: someone, grants }),
  act("invite", { id: someone, role }),
  act("set-rules", {
    rules: fc.record(
      { locked: seldom, lobby: fc.boolean(), withheld: fc.subarray(["chat", "camera"] as Grant[]) },
      { requiredKeys: [] },
    ),
  }),
  act("record", { on: fc.boolean() }),
  act("ask-unmute", { id: someone }),
  act("lower", { id: someone }),
  act("set-passcode", { hash: fc.option(fc.constant("hash"), { nil: null }) }),
  act("list-bans", { limit: fc.constant(10) }),
  act("audit", { limit: fc.constant(10) }),
);
const rarely = fc.constant({ do: "end" } as const);

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 1, arbitrary: fc.record({ step: fc.constant("open" as const) }) },
  {
    weight: 6,
    arbitrary: fc.record({
      step: fc.constantFrom("hello" as const, "reload" as const, "resume" as const),
      socket,
      who,
      role,
      knows: fc.constantFrom(undefined, undefined, true, false),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ step: fc.constant("crowd" as const), people: fc.array(who, { maxLength: 4 }), role }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      step: fc.constantFrom("lose" as const, "ping" as const, "resync" as const, "garbage" as const),
      socket,
    }),
  },
  {
    weight: 12,
    arbitrary: fc.record({
      step: fc.constant("command" as const),
      socket,
      command: fc.oneof(
        { weight: 20, arbitrary: ownCommand },
        { weight: 25, arbitrary: sharedCommand },
        { weight: 15, arbitrary: moderation },
        rarely,
      ),
      again: fc.boolean(),
    }),
  },
  { weight: 2, arbitrary: fc.record({ step: fc.constant("signal" as const), socket, speaking: fc.boolean() }) },
  {
    weight: 3,
    arbitrary: fc.record({
      step: fc.constant("order" as const),
      order: fc.oneof(
        { weight: 20, arbitrary: moderation },
        { weight: 2, arbitrary: fc.record({ do: fc.constant("keep" as const), kept: fc.boolean() }) },
        { weight: 2, arbitrary: fc.record({ do: fc.constant("update" as const), id: someone, name }) },
        rarely,
      ),
    }),
  },
  { weight: 1, arbitrary: fc.record({ step: fc.constant("revoke" as const), who }) },
  { weight: 2, arbitrary: fc.record({ step: fc.constantFrom("ask" as const, "unmade" as const), who }) },
  { weight: 5, arbitrary: fc.record({ step: fc.constant("bind" as const), who, session }) },
  { weight: 1, arbitrary: fc.record({ step: fc.constant("unbind" as const), session }) },
  {
    weight: 3,
    arbitrary: fc.record({ step: fc.constant("pass" as const), milliseconds: fc.oneof(fc.nat(200), fc.nat(12_000)) }),
  },
);

const opening: readonly Step[] = [
  { step: "reload", socket: 0, who: 0, role: "host" },
  { step: "reload", socket: 0, who: 1, role: "speaker" },
  { step: "reload", socket: 0, who: 2, role: "listener" },
  { step: "bind", who: 0, session: 0 },
  { step: "bind", who: 1, session: 1 },
];

/** Up to so many steps, mostly in a room where a few people are already. */
export function life(most: number): fc.Arbitrary<readonly Step[]> {
  const steps = fc.array(step, { maxLength: most, size: "max" });
  return fc.tuple(fc.nat(3), steps).map(([begun, later]) => (begun > 0 ? [...opening, ...later] : later));
}

/** Few tokens and few places, so that limits are met as well. */
export const tight = {
  participants: 3,
  listeners: 2,
  waiting: 3,
  knocking: 2,
  messageBurst: 12,
  messageRate: 2,
  sessions: 2,
  deltasKept: 6,
  chatKept: 4,
  eventsKept: 10,
};

export function take(stage: Stage, next: Step): void {
  switch (next.step) {
    case "open":
      stage.open();
      break;
    case "hello":
      pick(stage, next.socket, (peer) =>
        stage.hello(peer, `p${next.who}`, claims(stage, next.role), entrance(stage, next)),
      );
      break;
    case "reload":
      stage.join(`p${next.who}`, claims(stage, next.role), entrance(stage, next));
      break;
    case "crowd": {
      const people = next.people.map((number) => `p${number}`);
      stage.crowd(people, claims(stage, next.role), client);
      break;
    }
    case "resume":
      pick(stage, next.socket, (peer) => {
        if (peer.participant !== "") stage.resume(peer, claims(stage, next.role), client.client);
      });
      break;
    case "lose":
      pick(stage, next.socket, (peer) => stage.lose(peer));
      break;
    case "ping":
    case "resync":
      pick(stage, next.socket, (peer) => stage.play({ input: next.step as "ping", socket: peer.socket }));
      break;
    case "garbage": {
      const refusal = { code: "bad-message", message: "no", retry: false } as const;
      pick(stage, next.socket, (peer) => stage.play({ input: "rejected", socket: peer.socket, refusal }));
      break;
    }
    case "command":
      pick(stage, next.socket, (peer) => {
        const id = ask(stage, peer, next.command);
        if (next.again && id !== undefined) ask(stage, peer, next.command, id);
      });
      break;
    case "signal":
      pick(stage, next.socket, ({ socket: at }) => {
        stage.play({ input: "signal", socket: at, signal: { speaking: next.speaking } });
      });
      break;
    case "order":
      stage.order(next.order);
      break;
    case "revoke":
      stage.order({ do: "revoke", participant: `p${next.who}`, before: stage.now });
      break;
    case "ask":
      stage.room.authorize(`p${next.who}`, { do: "new-session" }, stage.now);
      break;
    case "unmade":
      stage.play({ input: "unmade", participant: `p${next.who}` });
      break;
    case "bind":
      stage.bind(`p${next.who}`, `s${next.session}`);
      break;
    case "unbind":
      stage.play({ input: "unbound", session: `s${next.session}` });
      break;
    case "pass":
      stage.pass(next.milliseconds);
      break;
  }
}

/** Gives the id if the command was done. */
function ask(stage: Stage, peer: Peer, command: RoomCommand, again?: number): number | undefined {
  const before = stage.observe && durable(stage.room);
  const grants = grantsOf(peer);
  const answer = stage.command(peer, command, again);
  const after = stage.observe && durable(stage.room);
  stage.observe?.({ command, answer, grants, before, after, repeated: again !== undefined });
  return answer?.type === "ack" ? answer.id : undefined;
}

const client = { client: "page" };

/** The shell compares a passcode with what the room needs at that moment. */
function entrance({ room }: Stage, { knows }: { readonly knows?: boolean | undefined }): Entrance {
  if (knows === undefined || room.passcode === undefined) return client;
  return { ...client, passcode: { hash: room.passcode, right: knows } };
}

function claims(stage: Stage, whose: Role): Partial<Claims> {
  return { role: whose, issuedAt: stage.now };
}

/** Mostly one that is open; a late word of one that is closed or lost is part of the game as well. */
function pick(stage: Stage, number: number, use: (peer: Peer) => void): void {
  const all = [...stage.peers.values()];
  const open = all.filter((peer) => !peer.lost && peer.closed === undefined);
  const peers = number > 9 || open.length === 0 ? all.slice(-6) : open;
  const peer = peers[number % Math.max(1, peers.length)];
  if (peer) use(peer);
}
