/**
 * What a room's log tells of its members, read on after each kill: the one witness that no client's memory can deceive.
 *
 * A name that is gone has one of two reasons. Either the place was given up, and the log has a `participant-left` after
 * the rename; or what was acknowledged is lost, and the log has no such rename. Only the second is a defect of the room.
 */
import type { Command, RoomEvent, ServerMessage } from "@satsuma/protocol";

interface Asked {
  command(command: Command): Promise<ServerMessage>;
}

interface Ended {
  readonly participant: string;
  readonly why: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

export class Annals {
  /** What each participant is called by the log, of those who are there. */
  readonly names = new Map<string, string>();
  /** How often each participant was renamed to each name. */
  readonly #renames = new Map<string, Map<string, number>>();
  #last = 0;

  /** Reads what is new, with the rights of a moderator; gives the stays that have ended. */
  async readOn(moderator: Asked): Promise<Ended[]> {
    const news: RoomEvent[] = [];
    for (let more = true; more; ) {
      const before = news.at(-1)?.seq;
      const answer = await moderator.command({ do: "audit", limit: 100, ...(before !== undefined && { before }) });
      if (answer.type !== "ack" || answer.result?.of !== "audit") throw new Error(JSON.stringify(answer));
      const { events } = answer.result;
      news.push(...events.filter(({ seq }) => seq > this.#last));
      more = answer.result.more && events.every(({ seq }) => seq > this.#last);
    }
    return news.reverse().flatMap((event) => this.#hear(event));
  }

  renames(participant: string, name: string): number {
    return this.#renames.get(participant)?.get(name) ?? 0;
  }

  #hear(event: RoomEvent): Ended[] {
    if (event.seq !== this.#last + 1) throw new Error(`event ${event.seq} follows ${this.#last}`);
    this.#last = event.seq;
    switch (event.type) {
      case "participant-joined":
        this.names.set(event.who.participant, event.who.name);
        return [];
      case "participant-renamed": {
        const { participant, name } = event.who;
        this.names.set(participant, name);
        const counts = this.#renames.get(participant) ?? new Map<string, number>();
        this.#renames.set(participant, counts.set(name, (counts.get(name) ?? 0) + 1));
        return [];
      }
      case "participant-left": {
        const { at, why, who } = event;
        this.names.delete(who.participant);
        return [{ participant: who.participant, why, at }];
      }
      default:
        return [];
    }
  }
}
