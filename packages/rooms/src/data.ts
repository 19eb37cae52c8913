/**
 * What a room knows: the state that everyone sees, and beside it what only the room needs.
 *
 * What must outlive the process is written down record by record (records.ts). The rest may be lost with it: sockets,
 * presence, rates, and the last deltas.
 */
import {
  type ChatEvent,
  type ChatMessage,
  type Delta,
  emptyPresence,
  emptyRoom,
  type Grant,
  type JsonValue,
  type Notice,
  type Participant,
  type Presence,
  type Quality,
  type Role,
  type RoomState,
  type ServerMessage,
} from "@satsuma/protocol";
import type { Bucket } from "./bucket.ts";
import type { Claims, Entrance, SocketId } from "./input.ts";
import type { Listening } from "./lateness.ts";
import { newOrangeData, type OrangeData } from "./orange/data.ts";

/** A participant's hold on the room, listeners included. Those on stage are in the public state with the same id. */
export interface Member {
  readonly id: string;
  /** As others see them, or would if they were on stage. */
  face: Participant;
  /** The place on stage: the state's participants stand in this order. */
  order: number;
  /** What the token of the last hello said; another word in a later token is news, the same one undoes nothing. */
  claimed: { readonly name: string; readonly role: Role; readonly grants: readonly Grant[] | undefined };
  /** Instead of the role's. */
  granted: readonly Grant[] | undefined;
  /** A role that was offered. */
  invited: Role | undefined;
  place:
    | { readonly state: "connected"; readonly socket: SocketId }
    /** `read`: since the room was read back; it is kept for longer while others come back (`returns`). */
    | { readonly state: "recovering"; readonly deadline: number; readonly read?: true }
    /** Here by Orange's door; that dialect knows of its socket and its end. */
    | { readonly state: "guest" };
  /** Media sessions that this participant made, oldest first. */
  sessions: readonly string[];
  /** Media sessions that the media server is being asked for. */
  making: number;
  /** The client that speaks for them, and its last answered commands, oldest first. */
  done: Done;
  readonly rates: Rates;
  /** Prefixes of entries. */
  readonly watching: Set<string>;
  /** The last of each kind that changed what they send: whoever comes back may have missed it. */
  notices: readonly KeptNotice[];
}

export interface KeptNotice {
  /** The version before the change that goes with it. */
  readonly after: number;
  readonly notice: Notice;
}

/** What each member may do so often. */
export interface Rates {
  media: Bucket;
  chat: Bucket;
  samples: Bucket;
  states: Bucket;
}

export interface Done {
  readonly client: string | undefined;
  readonly answers: readonly CommandAnswer[];
}

export type CommandAnswer = Extract<ServerMessage, { type: "ack" }> | Extract<ServerMessage, { type: "error" }>;

export type Socket =
  | { readonly state: "waiting"; readonly deadline: number }
  /** Has a good token and waits for a moderator. */
  | {
      readonly state: "knocking";
      readonly claims: Claims;
      readonly entrance: Entrance;
      readonly since: number;
      silentAt: number;
      messages: Bucket;
    }
  | { readonly state: "joined"; readonly participant: string; silentAt: number; messages: Bucket };

/** What the room remembers of a person beyond their stays. */
export interface Person {
  /** Given by a moderator in this meeting, whatever their token says. */
  readonly role?: Role | undefined;
  readonly grants?: readonly Grant[] | undefined;
  /** Came through the lobby, or knew the passcode, in this meeting. */
  readonly admitted?: boolean | undefined;
  /** Outlives meetings. */
  readonly banned?: { readonly at: number; readonly by: string } | undefined;
}

/** A message as it is kept; readers get a view of it. */
export interface ChatRecord extends Omit<ChatMessage, "reactions"> {
  /** Identities by emoji, in the order of reacting. */
  readonly reactions?: Readonly<Record<string, readonly string[]>> | undefined;
}

export interface ChatAge {
  readonly seq: number;
  /** Milliseconds. */
  readonly at: number;
  /** When the last of them was said, once there are newer ones. */
  readonly until?: number | undefined;
}

/** A chat event as it was told, and to whom. */
export interface Told {
  readonly n: number;
  readonly at: number;
  readonly event: ChatEvent;
  /** Identities; everyone when left out. */
  readonly only?: readonly string[] | undefined;
}

export interface EntryRecord {
  readonly value: JsonValue;
  readonly revision: number;
  /** Characters of the value as JSON. */
  readonly size: number;
}

export interface Vote {
  readonly name: string;
  readonly choices: readonly number[];
}

export interface Running {
  readonly peak: number;
  readonly joins: number;
}

/** Signals that were not told yet; the last one about each thing. */
export interface Pending {
  readonly speaking: Map<string, boolean>;
  readonly quality: Map<string, Quality>;
  /** Names. */
  readonly typing: Set<string>;
  readonly tallies: Set<number>;
  /** When they are told; Infinity while there are none. */
  at: number;
}

export interface RoomData {
  /** Which past this is: another one whenever a room is made or read back. */
  readonly lineage: string;
  state: RoomState;
  presence: Presence;
  /** The running meeting, besides what everyone sees of it. */
  running: Running;
  /** Of a room that was read back: until when those who came back lately keep the others' places, and the latest that can be. */
  returns: { readonly until: number | undefined; readonly latest: number } | undefined;
  /** When a room without members ends its meeting. */
  emptyAt: number | undefined;
  /** Stays when nobody is in it: made by the server's API. */
  kept: boolean;
  /** The hash of the passcode. */
  passcode: string | undefined;
  /** Wrong passcodes. */
  tries: Bucket;
  /** Reports of all members. */
  reports: Bucket;
  readonly members: Map<string, Member>;
  /** The same by identity (devices.ts). */
  readonly devices: Map<string, Set<Member>>;
  /** Those who watch entries. */
  readonly watchers: Set<Member>;
  /** What members had been answered whose time was over before they came back; oldest first. */
  readonly departed: Map<string, Done>;
  /** Whose media session it is. */
  readonly owners: Map<string, Member>;
  readonly people: Map<string, Person>;
  /** Tokens issued until then, in milliseconds, let nobody in; by `i:<identity>` or `p:<participant>`. */
  readonly revoked: Map<string, number>;
  /** The last messages, by seq. */
  readonly chat: Map<number, ChatRecord>;
  /** Which messages are how old: those from `seq` on were said at `at` or later. Oldest first. */
  chatAges: readonly ChatAge[];
  /** By poll, then by identity. */
  readonly votes: Map<number, Map<string, Vote>>;
  readonly entries: Map<string, EntryRecord>;
  /** Characters of all their values. */
  entriesLength: number;
  readonly last: Counters;
  /** Events of what moderators did, which stay in the log for longer than others; by seq, oldest first. */
  readonly deeds: Set<number>;
  /** What each person may still write into the log, by identity; of those who are not here nothing was written lately. */
  readonly logged: Map<string, Bucket>;
  /** Open sockets only: whatever is not in here has no say. */
  readonly sockets: Map<SocketId, Socket>;
  /** How many of them have not said hello; wait to be admitted; have joined. */
  waiting: number;
  knocking: number;
  joined: number;
  /** No socket and no kept place has to be looked at before. Times only move later, so it need not be exact. */
  lookAt: number;
  readonly listening: Listening;
  readonly pending: Pending;
  /** When moderators are told who waits; Infinity while they know. */
  lobbyAt: number;
  /** The last deltas and chat events, oldest first, for those who come back. */
  readonly deltas: { readonly at: number; readonly delta: Delta }[];
  readonly told: Told[];
  /** Who is here by Orange's door, those in its lobby too. */
  readonly orange: OrangeData;
}

/** The last number of each kind that was given. */
export interface Counters {
  order: number;
  meeting: number;
  event: number;
  /** Messages; and the first one of this meeting is after `before`. */
  chat: number;
  before: number;
  told: number;
  poll: number;
  revision: number;
  /** Versions up to here are written down as used. */
  reserved: number;
}

export function newRoomData(lineage: string): RoomData {
  return {
    lineage,
    state: emptyRoom,
    presence: emptyPresence,
    running: { peak: 0, joins: 0 },
    returns: undefined,
    emptyAt: undefined,
    kept: false,
    passcode: undefined,
    tries: { tokens: Number.POSITIVE_INFINITY, at: 0 },
    reports: { tokens: Number.POSITIVE_INFINITY, at: 0 },
    members: new Map(),
    devices: new Map(),
    watchers: new Set(),
    departed: new Map(),
    owners: new Map(),
    people: new Map(),
    revoked: new Map(),
    chat: new Map(),
    chatAges: [],
    votes: new Map(),
    entries: new Map(),
    entriesLength: 0,
    last: { order: 0, meeting: 0, event: 0, chat: 0, before: 0, told: 0, poll: 0, revision: 0, reserved: 0 },
    deeds: new Set(),
    logged: new Map(),
    sockets: new Map(),
    waiting: 0,
    knocking: 0,
    joined: 0,
    lookAt: Number.POSITIVE_INFINITY,
    listening: { since: undefined, until: undefined },
    pending: {
      speaking: new Map(),
      quality: new Map(),
      typing: new Set(),
      tallies: new Set(),
      at: Number.POSITIVE_INFINITY,
    },
    lobbyAt: Number.POSITIVE_INFINITY,
    deltas: [],
    told: [],
    orange: newOrangeData(),
  };
}
