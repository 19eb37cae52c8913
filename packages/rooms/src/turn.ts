/**
 * The handling of one input: changes are collected, committed as one version, and announced before anything that
 * depends on them; what has to be kept is stored before any of it. A capability writes to the room only through its turn.
 */
import {
  applyChange,
  type Change,
  emptyRoom,
  type Noted,
  type Occurrence,
  type Participant,
  type Refusal,
  type RoomEvent,
  type ServerMessage,
  settlePresence,
} from "@satsuma/protocol";
import { notesOf } from "./capability/noting.ts";
import type { Member, RoomData, Socket } from "./data.ts";
import type { CloseReason, Effect, Recipients } from "./effect.ts";
import type { SocketId } from "./input.ts";
import { keep } from "./kept.ts";
import { keyOf, recordOf } from "./records.ts";
import type { RoomSettings } from "./settings.ts";

/** Versions that are written down as used at once, so that not every change has to write one down. */
const reservedAtOnce = 1_000;

export class Turn {
  readonly data: RoomData;
  readonly settings: RoomSettings;
  readonly now: number;
  #changes: Change[] = [];
  readonly #effects: Effect[] = [];
  readonly #last: Effect[] = [];
  readonly #touched = new Set<string>();
  readonly #events: RoomEvent[] = [];
  readonly #forgotten: string[] = [];
  #stopped = false;

  constructor(data: RoomData, settings: RoomSettings, now: number) {
    this.data = data;
    this.settings = settings;
    this.now = now;
  }

  /** A change of one member. What a listener is called, or does, is nobody else's to see: it stays with the member. */
  change(change: Change): void {
    const member = this.#memberOf(change);
    if (member) {
      member.face = changed(member.face, change);
      // Whoever is read back has lost their socket, whatever it was.
      if (change.change !== "connection") this.touch(keyOf.member(member.id));
      else this.note(member.id, { note: "socket", connection: change.connection });
      if (member.face.role === "listener") return;
    }
    this.announce(change);
  }

  /** A change for everyone to see, of a listener's too. */
  announce(change: Change): void {
    this.data.state = applyChange(this.data.state, change);
    this.data.presence = settlePresence(this.data.presence, change);
    this.#changes.push(change);
  }

  /** The record under this key is to be written, or deleted if it is gone. */
  touch(...keys: string[]): void {
    for (const key of keys) this.#touched.add(key);
  }

  get dirty(): boolean {
    return this.#touched.size > 0;
  }

  /** `lasting`: nothing but others of the kind pushes it out of the log. Only who moderates may be able to cause one. */
  event(occurrence: Occurrence, lasting = occurrence.type === "moderated"): void {
    const { last, state } = this.data;
    last.event += 1;
    const event = { ...occurrence, seq: last.event, at: this.now, meeting: state.meeting?.id ?? null };
    this.#events.push(event);
    this.#effects.push({ effect: "event", event });
    if (lasting) this.#keepDeed(event.seq);
    for (const { participant, noted } of notesOf(occurrence, this.data)) this.note(participant, noted);
  }

  /** For the record of a participant, which nobody here reads. */
  note(participant: string, noted: Noted): void {
    const { now: at, data } = this;
    this.#effects.push({
      effect: "note",
      note: { ...noted, at, meeting: data.state.meeting?.id ?? null, participant },
    });
  }

  /** Ends the version: what was changed so far goes to every joined socket as one delta. */
  commit(): number {
    const { data } = this;
    if (this.#changes.length > 0) {
      const after = data.state.version;
      const version = after + 1;
      data.state = { ...data.state, version };
      const delta = { after, version, changes: this.#changes };
      keep(data.deltas, { at: this.now, delta }, this.settings);
      this.tell("everyone", { type: "delta", ...delta });
      this.#changes = [];
      if (version >= data.last.reserved) {
        data.last.reserved = version + reservedAtOnce;
        this.touch(keyOf.meta);
      }
    }
    return data.state.version;
  }

  send(effect: Effect): void {
    this.#effects.push(effect);
  }

  tell(to: Recipients, message: ServerMessage): void {
    if (to === "everyone" ? this.data.joined > 0 : to.length > 0) this.#effects.push({ effect: "send", to, message });
  }

  /** To a member wherever they are connected, if they are. */
  tellMember(member: Member, message: ServerMessage): void {
    if (member.place.state === "connected") this.tell([member.place.socket], message);
  }

  refuse(to: SocketId, refusal: Refusal, id?: number): void {
    this.tell([to], { type: "error", ...refusal, ...(id === undefined ? {} : { id }) });
  }

  seat(id: SocketId, socket: Socket): void {
    this.unseat(id);
    this.data.sockets.set(id, socket);
    this.data[socket.state] += 1;
    if (socket.state === "knocking") this.#showLobby();
    this.wakeAt(socket.state === "waiting" ? socket.deadline : socket.silentAt);
  }

  unseat(id: SocketId): Socket | undefined {
    const socket = this.data.sockets.get(id);
    if (!socket) return undefined;
    this.data[socket.state] -= 1;
    this.data.sockets.delete(id);
    if (socket.state === "knocking") this.#showLobby();
    return socket;
  }

  /** Moderators are told who waits: soon, so that a hundred people who knock at once are one message. */
  #showLobby(): void {
    this.data.lobbyAt = Math.min(this.data.lobbyAt, this.now + this.settings.signalWindow);
  }

  /** Some socket or kept place has to be looked at then. */
  wakeAt(time: number): void {
    this.data.lookAt = Math.min(this.data.lookAt, time);
  }

  /** From here on the socket has no say and is sent nothing more. */
  close(to: SocketId, reason: CloseReason): void {
    this.unseat(to);
    this.send({ effect: "close", to, reason });
  }

  /** Tells the socket why, then closes it. */
  dismiss(to: SocketId, refusal: Refusal, id?: number): void {
    this.refuse(to, refusal, id);
    this.close(to, refusal.code);
  }

  /** Done when the answer of this turn's command was given. */
  afterwards(effect: Effect): void {
    this.#last.push(effect);
  }

  /** The room may be forgotten whoever is in it. */
  stop(): void {
    this.#stopped = true;
  }

  end(): Effect[] {
    this.commit();
    const store = this.#store();
    const effects = [...(store ? [store] : []), ...this.#effects, ...this.#last];
    const { members, sockets, orange, state } = this.data;
    const over = members.size === 0 && sockets.size === 0 && orange.seats.size === 0 && !state.meeting;
    if (over || this.#stopped) effects.push({ effect: "ended" });
    return effects;
  }

  #store(): Effect | undefined {
    if (this.#touched.size === 0 && this.#events.length === 0) return undefined;
    const puts: [string, unknown][] = [];
    const deletes: string[] = [];
    for (const key of this.#touched) {
      const record = recordOf(this.data, key);
      if (record === undefined) deletes.push(key);
      else puts.push([key, record]);
    }
    for (const event of this.#events) {
      puts.push([keyOf.event(event.seq), event]);
      const old = event.seq - this.settings.eventsKept;
      if (old > 0 && !this.data.deeds.has(old)) deletes.push(keyOf.event(old));
    }
    return { effect: "store", puts, deletes: [...deletes, ...this.#forgotten] };
  }

  #keepDeed(seq: number): void {
    const { deeds } = this.data;
    const { deedsKept, eventsKept } = this.settings;
    deeds.add(seq);
    this.touch(keyOf.deeds);
    const [oldest] = deeds.size > deedsKept ? deeds : [];
    if (oldest === undefined) return;
    deeds.delete(oldest);
    // A younger one goes when its turn among all events has come.
    if (oldest <= seq - eventsKept) this.#forgotten.push(keyOf.event(oldest));
  }

  #memberOf(change: Change): Member | undefined {
    if (change.change === "joined") return this.data.members.get(change.participant.id);
    if (!("id" in change) || typeof change.id !== "string") return undefined;
    return this.data.members.get(change.id);
  }
}

function changed(face: Participant, change: Change): Participant {
  const one = applyChange({ ...emptyRoom, participants: [face] }, change);
  return one.participants[0] ?? face;
}
