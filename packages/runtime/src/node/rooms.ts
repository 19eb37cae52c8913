/** The rooms of one process, by name. A room begins when the first socket comes and is forgotten when it ends. */
import type { Room, SocketId } from "@satsuma/rooms";
import { RoomActor, type RoomSocket } from "./actor.ts";
import type { Log } from "./log.ts";

export interface RoomsContext {
  /** Makes the core of a room. */
  readonly create: (name: string) => Room;
  /** Milliseconds since the epoch, never going back. */
  readonly now: () => number;
  readonly log: Log;
  /** Ends what flows on these media sessions. */
  readonly release: (sessions: readonly string[]) => void;
  /** Ends these tracks, on sessions that live on. */
  readonly stop: (tracks: readonly { readonly session: string; readonly name: string }[]) => void;
}

export class Rooms {
  readonly #context: RoomsContext;
  readonly #actors = new Map<string, RoomActor>();
  #lastSocket = 0;

  constructor(context: RoomsContext) {
    this.#context = context;
  }

  get size(): number {
    return this.#actors.size;
  }

  /** Brings a socket into the room of that name, which exists from then on. */
  open(name: string, socket: RoomSocket): { readonly actor: RoomActor; readonly id: SocketId } {
    const actor = this.#actors.get(name) ?? this.#begin(name);
    this.#lastSocket += 1;
    const id = this.#lastSocket;
    actor.open(id, socket);
    return { actor, id };
  }

  find(name: string): RoomActor | undefined {
    return this.#actors.get(name);
  }

  /** Ends every room; everyone is told. */
  shutDown(): void {
    for (const actor of [...this.#actors.values()]) actor.handle({ input: "shutdown" });
  }

  #begin(name: string): RoomActor {
    const { now, log, create, release, stop } = this.#context;
    const actor = new RoomActor(name, create(name), {
      now,
      log,
      release,
      stop,
      ended: () => {
        if (this.#actors.get(name) === actor) this.#actors.delete(name);
      },
    });
    this.#actors.set(name, actor);
    return actor;
  }
}
