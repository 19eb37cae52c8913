/**
 * A room: who is here, with which tracks, in one order.
 *
 * Pure: an input and the time go in, effects come out. It knows no socket but its number, no clock, no token. It only
 * routes; what happens is told in `capability/`, the rules are numbered in SPEC.md.
 */
import { type Participant, type Person, type Presence, type RoomState, refusal, type Signal } from "@satsuma/protocol";
import type { Operator, Outcome, Speaker } from "./asker.ts";
import { take } from "./bucket.ts";
import { bind, unbind, unmake } from "./capability/binding.ts";
import { nextDeadline, nextVigil, settleDeadlines } from "./capability/deadlines.ts";
import { shutDown } from "./capability/ending.ts";
import { expireMeeting } from "./capability/finishing.ts";
import { expireChat } from "./capability/forgetting.ts";
import { expirePlaces, keepPlace, lose } from "./capability/grace.ts";
import { floorOf } from "./capability/guests.ts";
import { expireWaiting, greet, open } from "./capability/joining.ts";
import { costOf, expireSilent, hearOut, resyncCost, sizeCost, speakerOf } from "./capability/liveness.ts";
import { peopleWaiting, tellModerators } from "./capability/lobby.ts";
import { page } from "./capability/reading.ts";
import { answerOf, remember } from "./capability/repeating.ts";
import { report } from "./capability/reporting.ts";
import { resync } from "./capability/resuming.ts";
import { signal, tellSignals } from "./capability/signalling.ts";
import { newRoomData, type RoomData } from "./data.ts";
import type { Effect } from "./effect.ts";
import type { Hello, Input, Order, SocketId } from "./input.ts";
import { forgetOld } from "./kept.ts";
import { judgedUntil } from "./lateness.ts";
import { authorize, type Verdict } from "./media/authorize.ts";
import type { MediaOperation } from "./media/operation.ts";
import { carryOut, obey } from "./obey.ts";
import { disconnect } from "./orange/connecting.ts";
import { ring, shutOrange } from "./orange/liveness.ts";
import { pullable } from "./orange/media.ts";
import { handleOrange } from "./orange/room.ts";
import { giveWay, settle } from "./orange/settling.ts";
import { tellState } from "./orange/telling.ts";
import { OrangeTurn } from "./orange/turn.ts";
import { type Records, recordsOf } from "./records.ts";
import { readBack } from "./restore.ts";
import type { RoomSettings } from "./settings.ts";
import { Turn } from "./turn.ts";

export class Room {
  readonly #settings: RoomSettings;
  #data: RoomData;

  /** `lineage`: a random text of its own for every room that is made or read back. */
  constructor(settings: RoomSettings, lineage: string) {
    this.#settings = settings;
    this.#data = newRoomData(lineage);
  }

  /** A room read back from what was stored (`restorable` says what): everyone has `restartGrace` to return. */
  static restore(settings: RoomSettings, records: Records, now: number, lineage: string): Room {
    const room = new Room(settings, lineage);
    room.#data = readBack(settings, records, now, lineage);
    return room;
  }

  /** Everything that its `store` effects have written, except the log of events. */
  records(): [string, unknown][] {
    return recordsOf(this.#data);
  }

  get state(): RoomState {
    return this.#data.state;
  }

  get presence(): Presence {
    return this.#data.presence;
  }

  /** Members, listeners included, as others see them or would. */
  people(): Participant[] {
    return [...this.#data.members.values()].map(({ face }) => face);
  }

  /** Those who wait to be admitted, in the order of coming. */
  lobby(): Person[] {
    return peopleWaiting(this.#data);
  }

  /** The hash of the passcode that newcomers need, to be compared outside. */
  get passcode(): string | undefined {
    return this.#data.passcode;
  }

  /** Whether the room stays when nobody is in it. */
  get kept(): boolean {
    return this.#data.kept;
  }

  handle(input: Input, now: number): Effect[] {
    const turn = new Turn(this.#data, this.#settings, now);
    const orange = this.#openOrange(turn);
    const { state, presence } = this.#data;
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
        this.#hello(turn, orange, [input]);
        break;
      case "hellos":
        this.#hello(turn, orange, input.hellos);
        break;
      case "command":
        this.#command(turn, input);
        break;
      case "signal":
        this.#signal(turn, input.socket, input.signal);
        break;
      case "report":
        this.#report(turn, input);
        break;
      case "order":
        this.#order(turn, input.ticket, input.by, input.order);
        break;
      case "history":
        this.#history(turn, input);
        break;
      case "resync":
        if (hearOut(turn, input.socket, undefined, resyncCost)?.state === "joined") resync(turn, [input.socket]);
        break;
      case "ping":
        if (hearOut(turn, input.socket)) turn.tell([input.socket], { type: "pong" });
        break;
      case "rejected":
        if (this.#waits(input.socket)) turn.dismiss(input.socket, input.refusal, input.id);
        else if (hearOut(turn, input.socket, input.id)) turn.refuse(input.socket, input.refusal, input.id);
        break;
      case "closed":
        lose(turn, input.socket, input.leaving);
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
      case "noted":
        if (this.#data.members.has(input.participant)) {
          turn.note(input.participant, { note: "call", ...input.call });
        }
        break;
      case "wake":
        this.#wake(turn);
        ring(orange);
        break;
      case "shutdown":
        shutDown(turn);
        shutOrange(orange);
        break;
    }
    if (this.#data.state !== state || this.#data.presence !== presence) {
      settle(orange);
      orange.changed();
    }
    tellState(orange);
    return turn.end();
  }

  /** Milliseconds, on the clock of `handle`'s `now`. */
  nextDeadline(): number | undefined {
    return nextDeadline(this.#data, this.#settings);
  }

  /** The same without what is written down: a host that lets the room go before then only makes it begin to wait anew. */
  nextVigil(): number | undefined {
    return nextVigil(this.#data, this.#settings);
  }

  /**
   * Whether a member may have this done by the media server, and what is left of it to do. Counts against the member's
   * rate; a new session that is allowed must be followed by `bound` or `unmade`.
   */
  authorize(participant: string, operation: MediaOperation, now: number): Verdict {
    const member = this.#data.members.get(participant);
    if (member) {
      const { mediaRate, mediaBurst } = this.#settings;
      const media = take(member.rates.media, mediaRate, mediaBurst, now);
      // No debt: a client that waits for the next token gets it.
      if (media.tokens < 0) {
        const message = `A participant may make ${mediaRate} media requests a second.`;
        return { verdict: "refused", refusal: refusal("too-many-requests", message) };
      }
      member.rates.media = media;
      keepPlace(this.#data, member, this.#settings.grace, now);
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
  pullableBy(person: string, wanted: readonly string[], now: number): string[] {
    const { floor, data } = this.#openOrange(new Turn(this.#data, this.#settings, now));
    return pullable(data, floor, person, wanted);
  }

  #openOrange(turn: Turn): OrangeTurn {
    const { data, settings, now } = turn;
    return new OrangeTurn(data.orange, settings.orange, floorOf(turn), now, (effect) => turn.send(effect));
  }

  #waits(socket: SocketId): boolean {
    return this.#data.sockets.get(socket)?.state === "waiting";
  }

  #hello(turn: Turn, orange: OrangeTurn, hellos: readonly Hello[]): void {
    for (const { claims } of hellos) giveWay(orange, claims.participant);
    const first = hellos.filter(({ socket }) => this.#waits(socket));
    for (const { socket } of hellos) {
      if (!this.#waits(socket) && hearOut(turn, socket)) turn.refuse(socket, alreadyJoined);
    }
    greet(turn, first);
  }

  #command(turn: Turn, { socket, id, command, size }: Extract<Input, { input: "command" }>): void {
    const live = hearOut(turn, socket, id, costOf(command, size));
    const speaker = live && speakerOf(turn, socket, live, id);
    if (!speaker) return;
    const before = answerOf(speaker);
    if (before) turn.tell([socket], before);
    else answer(turn, speaker, obey(turn, speaker, command));
  }

  #signal(turn: Turn, socket: SocketId, said: Signal): void {
    const live = hearOut(turn, socket);
    const speaker = live?.state === "joined" && speakerOf(turn, socket, live, 0);
    if (speaker) signal(turn, speaker, said);
  }

  #report(turn: Turn, { socket, report: said, size }: Extract<Input, { input: "report" }>): void {
    const live = hearOut(turn, socket, undefined, sizeCost(size));
    const speaker = live?.state === "joined" && speakerOf(turn, socket, live, 0);
    const refused = speaker && report(turn, speaker, said);
    if (refused) turn.refuse(socket, refused);
  }

  #order(turn: Turn, ticket: number, by: string, order: Order): void {
    const operator: Operator = { kind: "server", ticket, actor: { identity: by, name: by } };
    reply(turn, operator, carryOut(turn, operator, order));
  }

  #history(turn: Turn, input: Extract<Input, { input: "history" }>): void {
    const { asked } = input.request;
    if (asked.by === "server") {
      const operator: Operator = {
        kind: "server",
        ticket: asked.ticket,
        actor: { identity: "server", name: "server" },
      };
      reply(turn, operator, page(turn, input, undefined));
      return;
    }
    const socket = this.#data.sockets.get(asked.socket);
    const speaker = socket?.state === "joined" && speakerOf(turn, asked.socket, socket, asked.id);
    if (speaker) answer(turn, speaker, page(turn, input, speaker.member.face.identity));
  }

  #wake(turn: Turn): void {
    const { lookAt, listening } = this.#data;
    const { pingInterval } = this.#settings;
    const by = lookAt <= turn.now ? judgedUntil(listening, lookAt, turn.now, pingInterval) : undefined;
    if (by !== undefined) {
      expireWaiting(turn, by);
      expireSilent(turn, by);
      expirePlaces(turn, by);
      settleDeadlines(this.#data);
      forgetOld(this.#data.deltas, this.#settings, turn.now);
      forgetOld(this.#data.told, this.#settings, turn.now);
    }
    expireMeeting(turn);
    expireChat(turn);
    tellSignals(turn);
    tellModerators(turn);
  }
}

const alreadyJoined = refusal("bad-message", "This connection has already said hello.");

function answer(turn: Turn, speaker: Speaker, outcome: Outcome): void {
  if (outcome.outcome === "pending") return;
  const { id, socket } = speaker;
  const version = turn.commit();
  const said =
    outcome.outcome === "refused"
      ? ({ type: "error", id, ...outcome.refusal } as const)
      : ({ type: "ack", id, version, ...(outcome.result && { result: outcome.result }) } as const);
  remember(turn, speaker, said);
  turn.tell([socket], said);
}

function reply(turn: Turn, { ticket }: Operator, outcome: Outcome): void {
  if (outcome.outcome === "pending") return;
  const version = turn.commit();
  turn.send({
    effect: "answer",
    ticket,
    answer:
      outcome.outcome === "refused"
        ? { ok: false, refusal: outcome.refusal }
        : { ok: true, version, ...(outcome.result && { result: outcome.result }) },
  });
}
