/**
 * A room: who is here, with which tracks, in one order.
 *
 * Pure: an input and the time go in, effects come out. It knows no socket but its number, no clock, no token. It only
 * routes; what happens is told in `capability/`, the rules are numbered in SPEC.md.
 */
import { applyChange, type Command, type Participant, type RoomState, refusal } from "@satsuma/protocol";
import { fullBucket, take } from "./bucket.ts";
import { bind, unbind, unmake } from "./capability/binding.ts";
import { nextDeadline } from "./capability/deadlines.ts";
import { shutDown } from "./capability/ending.ts";
import { expirePlaces, lose } from "./capability/grace.ts";
import { floorOf, guestless } from "./capability/guests.ts";
import { expireWaiting, hello, open, resync } from "./capability/joining.ts";
import { leave } from "./capability/leaving.ts";
import { admit, expireSilent } from "./capability/liveness.ts";
import { mute } from "./capability/muting.ts";
import { publish, unpublish } from "./capability/publishing.ts";
import { rename } from "./capability/renaming.ts";
import { newRoomData, type RoomData, type RoomRecord, recordOf } from "./data.ts";
import type { Effect } from "./effect.ts";
import type { Input, SocketId } from "./input.ts";
import { authorize, type Verdict } from "./media/authorize.ts";
import type { MediaOperation } from "./media/operation.ts";
import { disconnect, evict } from "./orange/connecting.ts";
import { restoreOrange } from "./orange/data.ts";
import { ring, shutOrange } from "./orange/liveness.ts";
import { pullable } from "./orange/media.ts";
import { handleOrange } from "./orange/room.ts";
import { tellState } from "./orange/telling.ts";
import { OrangeTurn } from "./orange/turn.ts";
import type { RoomSettings } from "./settings.ts";
import { type Speaker, Turn } from "./turn.ts";

export class Room {
  readonly #settings: RoomSettings;
  readonly #data: RoomData = newRoomData();

  constructor(settings: RoomSettings) {
    this.#settings = settings;
  }

  /** A room read back: everyone's socket is lost, so everyone has the grace period to return. */
  static restore(settings: RoomSettings, record: RoomRecord, now: number): Room {
    const room = new Room(settings);
    const lost = (participants: readonly Participant[], { id }: Participant) =>
      applyChange(participants, { change: "connection", id, connection: "recovering" });
    const participants = record.state.participants.reduce(lost, record.state.participants);
    room.#data.state = { version: record.state.version + 1, participants };
    for (const { id, claimedName, sessions } of record.members) {
      room.#data.members.set(id, {
        id,
        claimedName,
        place: record.orange.seats.some((seat) => seat.id === id)
          ? { state: "guest" }
          : { state: "recovering", deadline: now + settings.grace },
        sessions: [...sessions],
        making: 0,
        media: fullBucket(settings.mediaBurst, now),
      });
    }
    room.#data.orange = restoreOrange(record.orange, now, settings.orange.alarmInterval);
    return room;
  }

  snapshot(): RoomRecord {
    return recordOf(this.#data);
  }

  get state(): RoomState {
    return this.#data.state;
  }

  handle(input: Input, now: number): Effect[] {
    const turn = new Turn(this.#data, this.#settings, now);
    const orange = openOrange(turn);
    switch (input.input) {
      case "orange-opened":
      case "orange":
      case "orange-resync":
      case "orange-unread":
      case "orange-bound":
      case "ai":
        handleOrange(orange, input);
        break;
      case "opened":
        open(turn, input.socket);
        break;
      case "hello":
        evict(orange, input.claims.participant);
        if (this.#waiting(input.socket)) hello(turn, input.socket, input.claims);
        else this.#speak(turn, input.socket, () => turn.refuse(input.socket, alreadyJoined));
        break;
      case "command":
        this.#speak(turn, input.socket, (speaker) => obey(turn, speaker, input.id, input.command), input.id);
        break;
      case "resync":
        this.#speak(turn, input.socket, () => resync(turn, input.socket));
        break;
      case "ping":
        this.#speak(turn, input.socket, () => turn.send({ effect: "pong", to: input.socket }));
        break;
      case "rejected":
        if (this.#waiting(input.socket)) turn.dismiss(input.socket, input.refusal, input.id);
        else this.#speak(turn, input.socket, () => turn.refuse(input.socket, input.refusal, input.id), input.id);
        break;
      case "closed":
        lose(turn, input.socket);
        disconnect(orange, input.socket);
        break;
      case "bound":
        bind(turn, input.participant, input.session);
        break;
      case "unmade":
        unmake(turn, input.participant);
        break;
      case "unbound":
        unbind(turn, input.session);
        break;
      case "wake":
        expireWaiting(turn);
        expireSilent(turn);
        expirePlaces(turn);
        ring(orange);
        break;
      case "shutdown":
        shutDown(turn);
        shutOrange(orange);
        break;
    }
    turn.commit();
    tellState(orange);
    return turn.end();
  }

  /** Milliseconds, on the clock of `handle`'s `now`. */
  nextDeadline(): number | undefined {
    return nextDeadline(this.#data, this.#settings);
  }

  /**
   * Whether a member may have this done by the media server, and what is left of it to do. Counts against the member's
   * rate; a new session that is allowed must be followed by `bound` or `unmade`.
   */
  authorize(participant: string, operation: MediaOperation, now: number): Verdict {
    const member = this.#data.members.get(participant);
    if (member) {
      const { mediaRate, mediaBurst } = this.#settings;
      const media = take(member.media, mediaRate, mediaBurst, now);
      // No debt: a client that waits for the next token gets it.
      if (media.tokens < 0) {
        const message = `A participant may make ${mediaRate} media requests a second.`;
        return { verdict: "refused", refusal: refusal("too-many-requests", message) };
      }
      member.media = media;
    }
    const verdict = authorize(this.#data, participant, operation, this.#settings.sessions);
    // Counted until it is bound or known not to come, or requests made at once would all find room.
    if (member && operation.do === "new-session" && verdict.verdict === "allowed") member.making += 1;
    return verdict;
  }

  /** The media sessions bound to a member, oldest first; of somebody who is not here, none. */
  sessionsOf(participant: string): readonly string[] {
    return this.#data.members.get(participant)?.sessions ?? [];
  }

  /** Those of the wanted `session/name` that a person of Orange's door may pull here. */
  pullableBy(person: string, wanted: readonly string[]): string[] {
    return pullable(this.#data.orange, guestless(this.#data), person, wanted);
  }

  #waiting(socket: SocketId): boolean {
    return this.#data.sockets.get(socket)?.state === "waiting";
  }

  #speak(turn: Turn, socket: SocketId, say: (speaker: Speaker) => void, command?: number): void {
    const speaker = admit(turn, socket, command);
    if (speaker) say(speaker);
  }
}

const alreadyJoined = refusal("bad-message", "This connection has already said hello.");

function openOrange(turn: Turn): OrangeTurn {
  const { data, settings, now } = turn;
  return new OrangeTurn(data.orange, settings.orange, floorOf(turn), now, (effect) => turn.send(effect));
}

function obey(turn: Turn, speaker: Speaker, id: number, command: Command): void {
  switch (command.do) {
    case "publish":
      publish(turn, speaker, id, command.tracks);
      break;
    case "unpublish":
      unpublish(turn, speaker, id, command.names);
      break;
    case "mute":
      mute(turn, speaker, id, command.name, command.muted);
      break;
    case "rename":
      rename(turn, speaker, id, command.name);
      break;
    case "leave":
      leave(turn, speaker, id);
      break;
  }
}
