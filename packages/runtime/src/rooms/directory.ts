/**
 * All rooms of an app, and the history of their meetings: one actor, fed with the rooms' events. It knows how many there
 * are, so it says whether another one may begin.
 *
 * | key | holds |
 * |---|---|
 * | `room:<name>` | a room in which a meeting runs, or that is kept |
 * | `seen:<name>` | the last event of the room that is in here |
 * | `meeting:<start>:<id>` | a meeting, with its start as sixteen digits |
 * | `visit:<meeting>:<joined>:<participant>` | one stay in it |
 */
import { Actor } from "@satsuma/durable";
import {
  type ApiMeeting,
  type ApiPage,
  type ApiRoomSummary,
  type ApiVisit,
  type Refusal,
  type RoomEvent,
  refusal,
} from "@satsuma/protocol";

export type DirectoryQuestion =
  | { readonly ask: "post"; readonly room: string; readonly events: readonly RoomEvent[] }
  /** Whether a meeting may begin in a room, or one be made; if so, its place is kept for a while. */
  | { readonly ask: "admit"; readonly room: string }
  | { readonly ask: "keep"; readonly room: string; readonly kept: boolean }
  | { readonly ask: "rooms"; readonly after: string | undefined; readonly limit: number }
  | {
      readonly ask: "meetings";
      readonly room: string | undefined;
      readonly before: string | undefined;
      readonly limit: number;
    }
  | { readonly ask: "visits"; readonly meeting: string; readonly after: string | undefined; readonly limit: number };

export type DirectoryAnswer = undefined | Refusal | ApiPage<ApiRoomSummary> | ApiPage<ApiMeeting> | ApiPage<ApiVisit>;

/** Milliseconds for which an ended meeting is remembered: a quarter, over which people look things up. */
const remembered = 92 * 24 * 3_600_000;
/** Old meetings that are forgotten with each one that ends. */
const forgottenAtOnce = 10;

export interface DirectoryEnv {
  /** Rooms that meet or are kept at once. 10,000 by default. */
  readonly mostRooms?: number | undefined;
}

/** Rooms of which one process holds ten times as many sockets. */
const usualMost = 10_000;
/** Milliseconds in which a room that may begin has to: a hello takes one, and its event a few more. */
const promisedFor = 30_000;

export class Directory extends Actor<DirectoryEnv | undefined> {
  /** Rooms that are stored, and until when a place is kept for others. */
  readonly #known = new Set<string>();
  readonly #promised = new Map<string, number>();

  override async start(): Promise<void> {
    const rooms = await this.context.storage.list({ prefix: "room:" });
    for (const key of rooms.keys()) this.#known.add(key.slice("room:".length));
  }

  override async ask(question: DirectoryQuestion): Promise<DirectoryAnswer> {
    switch (question.ask) {
      case "post":
        return this.#post(question.room, question.events);
      case "admit":
        return this.#admit(question.room);
      case "keep":
        return this.#change(question.room, { kept: question.kept });
      case "rooms":
        return this.#rooms(question.after, question.limit);
      case "meetings":
        return this.#meetings(question.room, question.before, question.limit);
      case "visits":
        return this.#visits(question.meeting, question.after, question.limit);
    }
  }

  async #post(room: string, events: readonly RoomEvent[]): Promise<undefined> {
    const { storage } = this.context;
    const seen = (await storage.get<number>(`seen:${room}`)) ?? 0;
    for (const event of events) if (event.seq > seen) await this.#take(room, event);
    const last = events.at(-1)?.seq ?? 0;
    if (last > seen) await storage.put(`seen:${room}`, last);
  }

  async #take(room: string, event: RoomEvent): Promise<void> {
    const { storage } = this.context;
    const { meeting, at } = event;
    if (meeting === null) return;
    switch (event.type) {
      case "room-started": {
        const begun: ApiMeeting = {
          id: meeting,
          room,
          startedAt: at,
          endedAt: null,
          why: null,
          peak: null,
          joins: null,
        };
        await storage.put(meetingKey(begun), begun);
        await this.#change(room, { meeting, startedAt: at, members: 0, peak: 0 });
        break;
      }
      case "room-ended": {
        const { startedAt, why, peak, joins } = event;
        const ended: ApiMeeting = { id: meeting, room, startedAt, endedAt: at, why, peak, joins };
        await storage.put(meetingKey(ended), ended);
        await this.#change(room, { meeting: null, startedAt: null, members: 0, peak: 0 });
        await this.#forget(at - remembered);
        break;
      }
      case "participant-joined":
        await storage.put(visitKey(meeting, at, event.who.participant), { ...event.who, joinedAt: at, stayed: null });
        await this.#count(room, 1);
        break;
      case "participant-left": {
        const joinedAt = at - event.stayed;
        const visit: ApiVisit = { ...event.who, joinedAt, stayed: event.stayed };
        await storage.put(visitKey(meeting, joinedAt, event.who.participant), visit);
        await this.#count(room, -1);
        break;
      }
      default:
        break;
    }
  }

  async #change(name: string, change: Partial<ApiRoomSummary>): Promise<undefined> {
    const { storage } = this.context;
    const known = await storage.get<ApiRoomSummary>(`room:${name}`);
    const room = { ...(known ?? nobody(name)), ...change };
    this.#promised.delete(name);
    if (room.meeting === null && !room.kept) {
      this.#known.delete(name);
      await storage.delete(`room:${name}`);
    } else {
      this.#known.add(name);
      await storage.put(`room:${name}`, room);
    }
  }

  async #count(name: string, change: 1 | -1): Promise<void> {
    const known = await this.context.storage.get<ApiRoomSummary>(`room:${name}`);
    if (known === undefined) return;
    // A room that was written down before there was a count has none.
    const members = Math.max(0, (known.members ?? 0) + change);
    await this.#change(name, { members, peak: Math.max(known.peak ?? 0, members) });
  }

  #admit(room: string): Refusal | undefined {
    const now = this.context.now();
    for (const [name, until] of this.#promised) if (until <= now) this.#promised.delete(name);
    const most = this.context.env?.mostRooms ?? usualMost;
    if (!this.#known.has(room) && !this.#promised.has(room)) {
      if (this.#known.size + this.#promised.size >= most) return full;
      this.#promised.set(room, now + promisedFor);
    }
    return undefined;
  }

  async #forget(before: number): Promise<void> {
    const { storage } = this.context;
    const end = `meeting:${digits(Math.max(0, before))}`;
    const old = await storage.list<ApiMeeting>({ prefix: "meeting:", end, limit: forgottenAtOnce });
    for (const [key, { id }] of old) {
      const visits = await storage.list({ prefix: `visit:${id}:` });
      await storage.delete([key, ...visits.keys()]);
    }
  }

  async #rooms(after: string | undefined, limit: number): Promise<ApiPage<ApiRoomSummary>> {
    const from = after === undefined ? {} : { startAfter: `room:${after}` };
    const found = await this.context.storage.list<ApiRoomSummary>({ prefix: "room:", ...from, limit });
    return pageOf([...found.values()], limit, ({ name }) => name);
  }

  async #meetings(room: string | undefined, before: string | undefined, limit: number): Promise<ApiPage<ApiMeeting>> {
    const items: ApiMeeting[] = [];
    let end = before;
    // A room's meetings are picked out of everybody's; a page is full, or all have been looked at.
    for (;;) {
      const bound = end === undefined ? {} : { end: `meeting:${end}` };
      const found = await this.context.storage.list<ApiMeeting>({ prefix: "meeting:", ...bound, limit, reverse: true });
      for (const [key, meeting] of found) {
        end = key.slice("meeting:".length);
        if (room === undefined || meeting.room === room) items.push(meeting);
        if (items.length === limit) return { items, next: end };
      }
      if (found.size < limit) return { items, next: null };
    }
  }

  async #visits(meeting: string, after: string | undefined, limit: number): Promise<ApiPage<ApiVisit>> {
    const prefix = `visit:${meeting}:`;
    const from = after === undefined ? {} : { startAfter: `${prefix}${after}` };
    const found = await this.context.storage.list<ApiVisit>({ prefix, ...from, limit });
    return pageOf([...found.values()], limit, (visit) => visitKey("", visit.joinedAt, visit.participant).slice(7));
  }
}

const full = refusal("too-many-rooms", "As many rooms meet here as may at once.", { retryAfter: promisedFor });

function nobody(name: string): ApiRoomSummary {
  return { name, meeting: null, startedAt: null, kept: false, members: 0, peak: 0 };
}

function pageOf<T>(items: readonly T[], limit: number, nameOf: (item: T) => string): ApiPage<T> {
  const last = items.at(-1);
  return { items, next: items.length < limit || last === undefined ? null : nameOf(last) };
}

function meetingKey({ startedAt, id }: ApiMeeting): string {
  return `meeting:${digits(startedAt)}:${id}`;
}

function visitKey(meeting: string, joinedAt: number, participant: string): string {
  return `visit:${meeting}:${digits(joinedAt)}:${participant}`;
}

function digits(number: number): string {
  return String(number).padStart(16, "0");
}
