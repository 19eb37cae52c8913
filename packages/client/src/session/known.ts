/**
 * What a client knows of its room: the last state that it was told, with the presence, and where it stands in both.
 *
 * After a lost socket it stays as it is, until the server tells something newer.
 */
import {
  applyDelta,
  applyPresence,
  emptyPresence,
  emptyRoom,
  type Participant,
  type Person,
  type Presence,
  type PresenceUpdate,
  type RoomState,
  type Self,
  type ServerMessage,
  settlePresence,
} from "@satsuma/protocol";

type Told<Type extends ServerMessage["type"]> = Extract<ServerMessage, { readonly type: Type }>;

/** The first hundred, and how many there are in all. */
export interface Lobby {
  readonly waiting: readonly Person[];
  readonly count: number;
}

const nobodyWaits: Lobby = { waiting: [], count: 0 };

export class Known {
  room: RoomState = emptyRoom;
  presence: Presence = emptyPresence;
  /** My id among the participants. */
  me: string | undefined;
  /** What the room knows of me alone. Another `joinedAt` means that it had given up my place. */
  you: Self | undefined;
  /** Welcomed to a room of which nothing has been told yet. */
  awaitsSnapshot = false;
  /** Those who wait to be admitted; told to moderators only. */
  lobby: Lobby = nobodyWaits;
  /** Which past the room's version belongs to, and the last chat event of it. */
  #lineage: string | undefined;
  #chat: { readonly lineage: string | undefined; readonly n: number } | undefined;

  /** Whether the room had given up my place, so that I came in anew. */
  welcomed({ participant, lineage, you, resumed }: Told<"welcome">): boolean {
    const anew = this.you !== undefined && this.you.joinedAt !== you.joinedAt;
    this.me = participant;
    this.you = you;
    this.lobby = nobodyWaits;
    this.#lineage = lineage;
    this.awaitsSnapshot = !resumed;
    return anew;
  }

  /** Whether chat may have been missed: there was a room before, and the chat is not where it was. */
  replace({ state, presence, chat }: Told<"snapshot">): boolean {
    const before = this.#chat;
    this.awaitsSnapshot = false;
    this.room = state;
    this.presence = presence;
    this.#chat = { lineage: this.#lineage, n: chat };
    return before !== undefined && (before.lineage !== this.#lineage || before.n !== chat);
  }

  /** `gap`: something before it is missing, and it was not applied. */
  apply(delta: Told<"delta">): "old" | "gap" | "applied" {
    if (delta.version <= this.room.version) return "old";
    const next = applyDelta(this.room, delta);
    if (next === undefined) return "gap";
    this.room = next;
    this.presence = delta.changes.reduce(settlePresence, this.presence);
    return "applied";
  }

  update(update: PresenceUpdate): void {
    this.presence = applyPresence(this.presence, update);
  }

  chatted({ n }: Told<"chat">): void {
    this.#chat = { lineage: this.#lineage, n };
  }

  /** The number of the last chat event. */
  get chat(): number {
    return this.#chat?.n ?? 0;
  }

  /** Where to go on after a lost socket; undefined before the first welcome. */
  resume(): { readonly lineage: string; readonly version: number; readonly chat: number } | undefined {
    const lineage = this.#lineage;
    return lineage === undefined ? undefined : { lineage, version: this.room.version, chat: this.chat };
  }

  /** Me among the participants; a listener is not. */
  own(): Participant | undefined {
    return this.room.participants.find(({ id }) => id === this.me);
  }
}
