/**
 * A room read back from its records: everyone's socket is lost, so everyone has time to return. It begins anew with every
 * reading, however long the room was gone: an outage is the server's, and costs nobody their place.
 */
import type { Hand, Poll } from "@satsuma/protocol";
import { settleDeadlines } from "./capability/deadlines.ts";
import { fullRates } from "./capability/rates.ts";
import { countsOf } from "./capability/signalling.ts";
import {
  type ChatRecord,
  type Done,
  type EntryRecord,
  type Member,
  newRoomData,
  type Person,
  type RoomData,
  type Vote,
} from "./data.ts";
import { addMember } from "./devices.ts";
import type { Voice } from "./orange/ai.ts";
import { type SeatRecord, takeSeat } from "./orange/data.ts";
import type { DeedsRecord, MemberRecord, MetaRecord, Records } from "./records.ts";
import type { RoomSettings } from "./settings.ts";

/** While others come back a place is kept for so many times as long: thousands do not come in one moment. */
const longestReturn = 3;

/** Takes records in any order; of chat and events the last ones do. */
export function readBack(settings: RoomSettings, records: Records, now: number, lineage: string): RoomData {
  const data = newRoomData(lineage);
  const members: [string, MemberRecord][] = [];
  const done = new Map<string, Done>();
  for (const [key, value] of records) {
    const colon = key.indexOf(":");
    const rest = key.slice(colon + 1);
    switch (colon < 0 ? key : key.slice(0, colon)) {
      case "meta":
        takeMeta(data, value as MetaRecord);
        break;
      case "member":
        members.push([rest, value as MemberRecord]);
        break;
      case "done":
        done.set(rest, value as Done);
        break;
      case "person":
        data.people.set(rest, value as Person);
        break;
      case "revoked":
        data.revoked.set(rest, value as number);
        break;
      case "chat":
        data.chat.set(Number(rest), value as ChatRecord);
        break;
      case "poll":
        data.state = { ...data.state, polls: [...data.state.polls, value as Poll] };
        break;
      case "vote":
        takeVote(data, Number(rest.slice(0, 16)), rest.slice(17), value as Vote);
        break;
      case "kv":
        takeEntry(data, rest, value as EntryRecord);
        break;
      case "orange":
        takeSeat(data.orange, value as SeatRecord, now);
        break;
      case "ai":
        data.orange.ai = { voice: value as Voice };
        break;
      case "event":
        data.last.event = Math.max(data.last.event, Number(rest));
        break;
      case "deeds":
        for (const seq of value as DeedsRecord) data.deeds.add(seq);
        break;
    }
  }
  seatMembers(data, members, done, settings, now);
  settle(data, settings, now);
  return data;
}

function takeMeta(data: RoomData, meta: MetaRecord): void {
  const { meeting, rules, recording, running, passcode, kept, last } = meta;
  // Versions up to the reserved one may have been seen, also those that no record tells of.
  data.state = { ...data.state, version: last.reserved + 1, meeting, rules, recording };
  data.running = running;
  data.passcode = passcode ?? undefined;
  data.kept = kept;
  // Records from before there was an age have none.
  data.chatAges = meta.chatAges ?? [];
  Object.assign(data.last, { ...last, event: Math.max(last.event, data.last.event) });
}

function takeEntry(data: RoomData, key: string, entry: EntryRecord): void {
  data.entries.set(key, entry);
  data.entriesLength += entry.size;
}

function takeVote(data: RoomData, poll: number, identity: string, vote: Vote): void {
  const votes = data.votes.get(poll) ?? new Map<string, Vote>();
  data.votes.set(poll, votes.set(identity, vote));
}

function seatMembers(
  data: RoomData,
  members: [string, MemberRecord][],
  done: ReadonlyMap<string, Done>,
  settings: RoomSettings,
  now: number,
): void {
  const hands: Hand[] = [];
  const time = Math.max(settings.grace, settings.restartGrace);
  const deadline = now + time;
  data.returns = { until: undefined, latest: now + longestReturn * time };
  for (const [id, record] of members.sort(([, a], [, b]) => a.order - b.order)) {
    const { order, claimed, granted, invited, raisedAt, sessions } = record;
    const face = { ...record.face, connection: "recovering" } as const;
    const member: Member = {
      id,
      face,
      order,
      claimed,
      granted: granted ?? undefined,
      invited: invited ?? undefined,
      place: data.orange.seats.has(id) ? { state: "guest" } : { state: "recovering", deadline, read: true },
      sessions,
      making: 0,
      done: done.get(id) ?? { client: undefined, answers: [] },
      rates: fullRates(settings, now),
      watching: new Set(),
      // Records from before they were kept have none.
      notices: record.notices ?? [],
    };
    addMember(data, member);
    for (const session of sessions) data.owners.set(session, member);
    data.last.order = Math.max(data.last.order, order);
    if (raisedAt !== null) hands.push({ id, identity: face.identity, name: face.name, at: raisedAt });
  }
  for (const [id, answers] of done) if (!data.members.has(id)) data.departed.set(id, answers);
  const participants = [...data.members.values()].map(({ face }) => face).filter(({ role }) => role !== "listener");
  data.state = { ...data.state, participants, hands: hands.sort((a, b) => a.at - b.at) };
}

/** What follows from the records, once all are read. */
function settle(data: RoomData, settings: RoomSettings, now: number): void {
  const { last, state } = data;
  const messages = [...data.chat].sort(([a], [b]) => a - b);
  data.chat.clear();
  for (const [seq, record] of messages) data.chat.set(seq, record);
  last.chat = Math.max(last.chat, ...data.chat.keys());
  last.poll = Math.max(last.poll, ...state.polls.map(({ id }) => id));
  last.revision = Math.max(last.revision, ...[...data.entries.values()].map(({ revision }) => revision));
  data.state = { ...state, polls: [...state.polls].sort((a, b) => a.id - b.id) };
  for (const { id } of state.polls) if (!data.votes.has(id)) data.votes.set(id, new Map());
  const open = state.polls.filter(({ result }) => result === null);
  const tallies = Object.fromEntries(open.map(({ id }) => [id, countsOf(data, id)]));
  data.presence = { ...data.presence, audience: data.members.size - state.participants.length, tallies };
  settleDeadlines(data);
  if (data.orange.seats.size > 0) data.orange.alarmAt = now + settings.orange.alarmInterval;
  else if (data.members.size === 0 && state.meeting) data.emptyAt = now + settings.emptyFor;
}
