/**
 * One room running: its core, its sockets, its one alarm.
 *
 * Inputs are handled one after the other, also those that come while effects are being performed. If the core throws,
 * this room ends and its sockets are closed; the next one to come finds a new, empty room.
 */
import {
  type CloseReason,
  type Effect,
  type Input,
  type MediaOperation,
  type Room,
  type SocketId,
  tell,
  type Verdict,
} from "@satsuma/rooms";
import type { Log } from "./log.ts";

/** A socket as a room needs it. Both are silent when the socket is already gone. */
export interface RoomSocket {
  send(frame: string): void;
  close(reason: CloseReason): void;
}

export interface ActorContext {
  readonly now: () => number;
  readonly log: Log;
  /** Ends what flows on these media sessions. */
  readonly release: (sessions: readonly string[]) => void;
  /** Ends these tracks, on sessions that live on. */
  readonly stop: (tracks: readonly { readonly session: string; readonly name: string }[]) => void;
  /** Called once. */
  readonly ended: () => void;
}

export class RoomActor {
  readonly #name: string;
  readonly #room: Room;
  readonly #context: ActorContext;
  readonly #sockets = new Map<SocketId, RoomSocket>();
  /** Those that have been welcomed. */
  readonly #joined = new Set<SocketId>();
  readonly #inputs: Input[] = [];
  #busy = false;
  #over = false;
  #alarm: NodeJS.Timeout | undefined;

  constructor(name: string, room: Room, context: ActorContext) {
    this.#name = name;
    this.#room = room;
    this.#context = context;
  }

  open(id: SocketId, socket: RoomSocket): void {
    this.#sockets.set(id, socket);
    this.handle({ input: "opened", socket: id });
  }

  handle(input: Input): void {
    if (this.#over) return;
    this.#inputs.push(input);
    if (this.#busy) return;
    this.#busy = true;
    try {
      for (let next = this.#inputs.shift(); next && !this.#over; next = this.#inputs.shift()) {
        for (const effect of this.#room.handle(next, this.#context.now())) this.#perform(effect);
        if (next.input === "closed") this.#forget(next.socket);
      }
      this.#setAlarm();
    } catch (error) {
      this.#fail(error);
    } finally {
      this.#busy = false;
    }
  }

  authorize(participant: string, operation: MediaOperation): Verdict {
    return this.#room.authorize(participant, operation, this.#context.now());
  }

  sessionsOf(participant: string): readonly string[] {
    return this.#room.sessionsOf(participant);
  }

  #perform(effect: Effect): void {
    switch (effect.effect) {
      case "send": {
        const { to, message } = effect;
        const frame = tell(message);
        for (const id of to === "everyone" ? this.#joined : to) this.#sockets.get(id)?.send(frame);
        if (message.type === "welcome" && to !== "everyone") for (const id of to) this.#joined.add(id);
        break;
      }
      case "close":
        this.#sockets.get(effect.to)?.close(effect.reason);
        this.#forget(effect.to);
        break;
      case "release":
        this.#context.release(effect.sessions);
        break;
      case "stop":
        this.#context.stop(effect.tracks);
        break;
      case "history":
        // A room in memory alone has no more than it remembers.
        this.#inputs.push({ input: "history", request: effect, records: [] });
        break;
      case "store":
      case "event":
      case "answer":
        break;
      case "ended":
        this.#end();
        break;
    }
  }

  #forget(socket: SocketId): void {
    this.#sockets.delete(socket);
    this.#joined.delete(socket);
  }

  #setAlarm(): void {
    clearTimeout(this.#alarm);
    const deadline = this.#over ? undefined : this.#room.nextDeadline();
    if (deadline === undefined) return;
    // A timer may fire a millisecond early; the core then does nothing and the alarm is set again.
    this.#alarm = setTimeout(() => this.handle({ input: "wake" }), Math.max(1, deadline - this.#context.now()));
  }

  #fail(error: unknown): void {
    this.#context.log.error("room failed", { room: this.#name, error });
    for (const socket of this.#sockets.values()) socket.close("internal");
    this.#end();
    // Nobody is in this room any more, so nothing may flow on for those who were.
    this.#context.release(this.#room.people().flatMap(({ id }) => this.#room.sessionsOf(id)));
  }

  #end(): void {
    if (this.#over) return;
    this.#over = true;
    clearTimeout(this.#alarm);
    this.#sockets.clear();
    this.#joined.clear();
    this.#context.ended();
  }
}
