/**
 * The room's data as records under keys, so that a turn writes what it changed and nothing else.
 *
 * | key | holds | lives |
 * |---|---|---|
 * | `meta` | the meeting, rules, passcode hash, counters | for good |
 * | `member:<participant>` | a member, also one who is recovering | the stay |
 * | `done:<participant>` | the last answered commands | the stay; ended by time, the meeting |
 * | `person:<identity>` | role given, admission, ban | the meeting; bans for good |
 * | `revoked:<i or p>:<id>` | from when on tokens hold | until no such token can live |
 * | `chat:<seq>` | a message | the meeting, the newest `chatKept` |
 * | `poll:<id>`, `vote:<id>:<identity>` | a poll, one person's vote | the meeting |
 * | `kv:<key>` | a shared entry | the meeting |
 * | `orange:<_pk>` | a user of Orange's door | the stay |
 * | `ai` | the AI in the room | as long as it is there |
 * | `event:<seq>` | an event of the log | the newest `eventsKept`, and those in `deeds` |
 * | `deeds` | the numbers of events of what moderators did | for good, the newest `deedsKept` |
 *
 * Numbers in keys have sixteen digits, so that the order of keys is theirs.
 */
import type { Meeting, Participant, Poll, Rules } from "@satsuma/protocol";
import type { ChatAge, ChatRecord, Counters, Done, Member, Person, RoomData, Running, Vote } from "./data.ts";
import { seatRecordOf } from "./orange/data.ts";

/** What a room is read back from: all records of a prefix, or only the `last` ones by key. */
export const restorable: readonly { readonly prefix: string; readonly last?: number }[] = [
  { prefix: "meta" },
  { prefix: "member:" },
  { prefix: "done:" },
  { prefix: "person:" },
  { prefix: "revoked:" },
  { prefix: "poll:" },
  { prefix: "vote:" },
  { prefix: "kv:" },
  { prefix: "chat:", last: 200 },
  { prefix: "orange:" },
  { prefix: "ai" },
  { prefix: "event:", last: 1 },
  { prefix: "deeds" },
];

/** Messages that stay in memory: these can still be changed. */
export const chatRecent = 200;

/** Grows when records change their shape. */
const format = 1;

export interface MetaRecord {
  readonly format: number;
  readonly meeting: Meeting | null;
  readonly running: Running;
  readonly rules: Rules;
  readonly recording: number | null;
  readonly passcode: string | null;
  readonly kept: boolean;
  readonly last: Counters;
  readonly chatAges: readonly ChatAge[];
}

export interface MemberRecord {
  readonly face: Participant;
  readonly order: number;
  readonly claimed: Member["claimed"];
  readonly granted: Member["granted"] | null;
  readonly invited: Member["invited"] | null;
  readonly raisedAt: number | null;
  readonly sessions: readonly string[];
  readonly notices: Member["notices"];
}

export type DeedsRecord = readonly number[];

export type Records = Iterable<readonly [key: string, value: unknown]>;

export const keyOf = {
  meta: "meta",
  member: (participant: string) => `member:${participant}`,
  done: (participant: string) => `done:${participant}`,
  person: (identity: string) => `person:${identity}`,
  revoked: (whom: string) => `revoked:${whom}`,
  chat: (seq: number) => `chat:${digits(seq)}`,
  poll: (id: number) => `poll:${digits(id)}`,
  vote: (poll: number, identity: string) => `vote:${digits(poll)}:${identity}`,
  entry: (key: string) => `kv:${key}`,
  orange: (id: string) => `orange:${id}`,
  ai: "ai",
  deeds: "deeds",
  event: (seq: number) => `event:${digits(seq)}`,
} as const;

export function digits(number: number): string {
  return String(number).padStart(16, "0");
}

/** The record under a key as the room has it now; undefined: there is none any more. */
export function recordOf(data: RoomData, key: string): unknown {
  const colon = key.indexOf(":");
  const kind = colon < 0 ? key : key.slice(0, colon);
  const rest = key.slice(colon + 1);
  switch (kind) {
    case "meta":
      return metaOf(data);
    case "member": {
      const member = data.members.get(rest);
      return member && memberOf(data, member);
    }
    case "done":
      return (data.members.get(rest)?.done ?? data.departed.get(rest)) satisfies Done | undefined;
    case "person":
      return data.people.get(rest) satisfies Person | undefined;
    case "revoked":
      return data.revoked.get(rest) satisfies number | undefined;
    case "chat":
      return data.chat.get(Number(rest)) satisfies ChatRecord | undefined;
    case "poll":
      return data.state.polls.find(({ id }) => id === Number(rest)) satisfies Poll | undefined;
    case "vote":
      return data.votes.get(Number(rest.slice(0, 16)))?.get(rest.slice(17)) satisfies Vote | undefined;
    case "kv":
      return data.entries.get(rest);
    case "orange": {
      const seat = data.orange.seats.get(rest);
      return seat && seatRecordOf(seat);
    }
    case "ai":
      return data.orange.ai.voice;
    case "deeds":
      return [...data.deeds] satisfies DeedsRecord;
    default:
      throw new Error("a record of no kind was touched");
  }
}

/** All of the room that outlives the process, except the log of events. */
export function recordsOf(data: RoomData): [string, unknown][] {
  const keys = [
    keyOf.meta,
    ...[...data.members.keys()].flatMap((id) => [keyOf.member(id), keyOf.done(id)]),
    ...[...data.departed.keys()].map(keyOf.done),
    ...[...data.people.keys()].map(keyOf.person),
    ...[...data.revoked.keys()].map(keyOf.revoked),
    ...[...data.chat.keys()].map(keyOf.chat),
    ...data.state.polls.map(({ id }) => keyOf.poll(id)),
    ...[...data.votes].flatMap(([poll, votes]) => [...votes.keys()].map((identity) => keyOf.vote(poll, identity))),
    ...[...data.entries.keys()].map(keyOf.entry),
    ...[...data.orange.seats.keys()].map(keyOf.orange),
    ...(data.orange.ai.voice ? [keyOf.ai] : []),
    ...(data.deeds.size > 0 ? [keyOf.deeds] : []),
  ];
  return keys.map((key) => [key, recordOf(data, key)]);
}

function metaOf(data: RoomData): MetaRecord {
  const { meeting, rules, recording } = data.state;
  const { running, passcode = null, kept, last, chatAges } = data;
  return { format, meeting, running, rules, recording, passcode, kept, last: { ...last }, chatAges };
}

function memberOf(data: RoomData, member: Member): MemberRecord {
  const { face, order, claimed, granted = null, invited = null, sessions, notices } = member;
  const raisedAt = data.state.hands.find(({ id }) => id === member.id)?.at ?? null;
  return { face, order, claimed, granted, invited, raisedAt, sessions, notices };
}
