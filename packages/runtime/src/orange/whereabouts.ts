/**
 * In which rooms a person is, as far as this process has seen: its client asks for media without naming a room.
 *
 * A person whose sockets are gone is still there for a while, as long as a client may take to come back.
 */
export class Whereabouts {
  readonly #rooms = new Map<string, Map<string, { sockets: number; leftAt: number }>>();
  readonly #now: () => number;

  /** `now` in milliseconds. */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** Gives what is to be called when the socket closes. */
  enter(person: string, room: string): () => void {
    const rooms = this.#rooms.get(person) ?? new Map<string, { sockets: number; leftAt: number }>();
    this.#rooms.set(person, rooms);
    const place = rooms.get(room) ?? { sockets: 0, leftAt: 0 };
    rooms.set(room, place);
    place.sockets += 1;
    return () => {
      place.sockets -= 1;
      place.leftAt = this.#now();
      this.#sweep();
    };
  }

  roomsOf(person: string): string[] {
    const rooms = this.#rooms.get(person);
    return rooms ? [...rooms].filter(([, place]) => this.#isThere(place)).map(([room]) => room) : [];
  }

  #isThere({ sockets, leftAt }: { sockets: number; leftAt: number }): boolean {
    return sockets > 0 || this.#now() - leftAt < lingering;
  }

  /** Looks at as many as have room for long-gone ones, so that nothing gathers and nothing is looked at often. */
  #sweep(): void {
    if (this.#rooms.size < this.#sweepAt) return;
    for (const [person, rooms] of this.#rooms) {
      for (const [room, place] of rooms) if (!this.#isThere(place)) rooms.delete(room);
      if (rooms.size === 0) this.#rooms.delete(person);
    }
    this.#sweepAt = Math.max(1_000, 2 * this.#rooms.size);
  }

  #sweepAt = 1_000;
}

/** Milliseconds: twice the heartbeats' time, after which a user is gone from its room at the latest. */
const lingering = 30_000;
