/**
 * The handling of one input: changes are collected, committed as one version, and announced before anything that
 * depends on them. A capability writes to the room only through its turn.
 */
import { applyChange, type Change, type Participant, type Refusal } from "@satsuma/protocol";
import type { Member, RoomData, Socket } from "./data.ts";
import type { CloseReason, Effect } from "./effect.ts";
import type { SocketId } from "./input.ts";
import type { RoomSettings } from "./settings.ts";

export class Turn {
  readonly data: RoomData;
  readonly settings: RoomSettings;
  readonly now: number;
  #changes: Change[] = [];
  readonly #effects: Effect[] = [];

  constructor(data: RoomData, settings: RoomSettings, now: number) {
    this.data = data;
    this.settings = settings;
    this.now = now;
  }

  /** The public face of a member. Every member has one, so a missing one is a bug here. */
  participant(id: string): Participant {
    const found = this.data.state.participants.find((participant) => participant.id === id);
    if (!found) throw new Error("a member is missing from the public state");
    return found;
  }

  change(change: Change): void {
    const { state } = this.data;
    this.data.state = { ...state, participants: applyChange(state.participants, change) };
    this.#changes.push(change);
  }

  /** Ends the version: what was changed so far goes to every joined socket as one delta. */
  commit(): number {
    if (this.#changes.length > 0) {
      const version = this.data.state.version + 1;
      this.data.state = { ...this.data.state, version };
      const to = joinedSockets(this.data);
      if (to.length > 0) this.#effects.push({ effect: "delta", to, delta: { version, changes: this.#changes } });
      this.#changes = [];
      this.data.orange.told.stale = this.data.orange.sockets.size > 0;
    }
    return this.data.state.version;
  }

  send(effect: Effect): void {
    this.#effects.push(effect);
  }

  ack(to: SocketId, id: number): void {
    this.send({ effect: "ack", to, id, version: this.commit() });
  }

  refuse(to: SocketId, refusal: Refusal, id?: number): void {
    this.send({ effect: "error", to, refusal, ...(id === undefined ? {} : { id }) });
  }

  /** From here on the socket has no say and is sent nothing more. */
  close(to: SocketId, reason: CloseReason): void {
    this.data.sockets.delete(to);
    this.send({ effect: "close", to, reason });
  }

  /** Tells the socket why, then closes it. */
  dismiss(to: SocketId, refusal: Refusal, id?: number): void {
    this.refuse(to, refusal, id);
    this.close(to, refusal.code);
  }

  end(): Effect[] {
    this.commit();
    const { members, sockets, orange } = this.data;
    if (members.size === 0 && sockets.size === 0 && orange.alarmAt === undefined) this.send({ effect: "ended" });
    return this.#effects;
  }
}

/** A socket that may speak, and who speaks through it. */
export interface Speaker {
  readonly socket: SocketId;
  readonly joined: Extract<Socket, { state: "joined" }>;
  readonly member: Member;
}

function joinedSockets(data: RoomData): SocketId[] {
  const ids: SocketId[] = [];
  for (const [id, socket] of data.sockets) if (socket.state === "joined") ids.push(id);
  return ids;
}
