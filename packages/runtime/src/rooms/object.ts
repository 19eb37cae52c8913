/**
 * A room as a durable actor: the same class on Node and on Workers.
 *
 * It routes only. What happens is the core's to decide (`@satsuma/rooms`); how it is spelled, an edge's (edge.ts). What
 * the core stores is written before anybody hears of it, because the actor's messages wait for its writes. Handlers wait
 * for nothing: what takes time (reading a token, asking the media server) is done outside and comes back as an input.
 */
import { Actor, type Socket } from "@satsuma/durable";
import { errors, type Result, refusal, refusalOf } from "@satsuma/protocol";
import {
  type AiRequest,
  type Claims,
  type CloseReason,
  type Effect,
  type Heard,
  type Input,
  Room,
  type RoomRecord,
  type SocketId,
} from "@satsuma/rooms";
import { Alarm } from "./alarm.ts";
import { type Answer, answer, type Question } from "./ask.ts";
import type { Edge, Said, SocketDetail } from "./edge.ts";
import { Gather } from "./gather.ts";
import type { RoomPorts } from "./ports.ts";
import { releaseSession } from "./release.ts";
import { mostWaiting, Seat } from "./seat.ts";

/** What stays with a socket while its room sleeps. */
interface Kept {
  readonly claims: Claims;
}

export class RoomObject extends Actor<RoomPorts> {
  #room = new Room(this.context.env.settings);
  /** Set while the room is read back after a bug; the input that met it waits. */
  #mending: Promise<void> | undefined;
  readonly #seats = new Map<SocketId, Seat>();
  readonly #seatOf = new Map<string, Seat>();
  readonly #alarm = new Alarm(this.context, () => this.#handle({ input: "wake" }));
  readonly #gathers = new Map<Edge, Gather>();
  #lastSocket = 0;

  override async start(): Promise<void> {
    await this.#alarm.load();
    await this.#load();
    for (const socket of this.context.sockets()) this.#takeBack(socket);
  }

  override connect(socket: Socket): Promise<void> | undefined {
    const seat = this.#sit(socket);
    this.#greet(seat);
    return this.#mending;
  }

  override message(socket: Socket, data: string | Uint8Array): Promise<void> | undefined {
    const seat = this.#seatOf.get(socket.id);
    if (seat === undefined) return;
    if (typeof data !== "string") this.#handle({ input: "rejected", socket: seat.id, refusal: binary });
    else this.#take(seat, data);
    return this.#mending;
  }

  override close(socket: Socket): Promise<void> | undefined {
    const seat = this.#seatOf.get(socket.id);
    if (seat === undefined) return;
    this.#rise(seat);
    this.#handle({ input: "closed", socket: seat.id });
    return this.#mending;
  }

  override ask(question: Question): Answer {
    return answer(question, {
      room: this.#room,
      now: this.context.now(),
      handle: (input) => this.#handle(input),
    });
  }

  override alarm(): Promise<void> | undefined {
    this.#alarm.rang();
    return this.#mending;
  }

  async #load(): Promise<void> {
    const { settings } = this.context.env;
    const record = await this.context.storage.get<RoomRecord>(roomKey);
    this.#room = record === undefined ? new Room(settings) : Room.restore(settings, record, this.context.now());
  }

  #handle(input: Input): void {
    try {
      const effects = this.#room.handle(input, this.context.now());
      for (const effect of effects) this.#perform(effect);
      if (stored(input, effects)) void this.context.storage.put(roomKey, this.#room.snapshot());
      this.#alarm.set(this.#room.nextDeadline());
    } catch (error) {
      this.#fail(input, error);
    }
  }

  /** A core that throws has a bug. What was stored holds, so everybody begins anew from there and comes back. */
  #fail(input: Input, error: unknown): void {
    this.context.env.log.error("room failed", { room: this.context.name, input: input.input, error });
    for (const seat of [...this.#seats.values()]) this.#dismiss(seat, "internal");
    this.#mending = this.#load().then(() => {
      this.#mending = undefined;
      this.#alarm.set(this.#room.nextDeadline());
    });
  }

  #perform(effect: Effect): void {
    switch (effect.effect) {
      case "close": {
        const seat = this.#seats.get(effect.to);
        if (seat !== undefined) this.#dismiss(seat, effect.reason);
        break;
      }
      case "release":
        this.#release(effect.sessions);
        break;
      case "ended":
        void this.context.storage.delete(roomKey);
        break;
      case "delta":
        this.#spread(effect, true);
        break;
      case "orange":
        // A later state holds all that this one does.
        this.#spread(effect, effect.message.type === "roomState");
        break;
      case "orange-close": {
        const seat = this.#seats.get(effect.to);
        if (seat === undefined) break;
        this.#rise(seat);
        seat.socket.close(effect.code, effect.reason);
        break;
      }
      case "ai":
        this.#askAi(effect.request);
        break;
      default: {
        const seat = this.#seats.get(effect.to);
        const frame = seat?.edge.tell(effect, this.#room);
        if (frame !== undefined) seat?.socket.send(frame);
      }
    }
  }

  /** One frame per dialect, however many hear it. Who is far behind may lose it: a snapshot mends that. */
  #spread(effect: Said & { readonly to: readonly SocketId[] }, lossy: boolean): void {
    const told = new Map<Edge, string | undefined>();
    const owed = new Map<Edge, SocketId[]>();
    for (const id of effect.to) {
      const seat = this.#seats.get(id);
      if (seat === undefined) continue;
      const { edge } = seat;
      if (edge.gathered !== undefined) {
        const list = owed.get(edge);
        if (list === undefined) owed.set(edge, [id]);
        else list.push(id);
        continue;
      }
      let frame = told.get(edge);
      if (frame === undefined && !told.has(edge)) {
        frame = edge.tell(effect, this.#room);
        told.set(edge, frame);
      }
      if (frame !== undefined) seat.socket.send(frame, lossy);
    }
    for (const [edge, to] of owed) this.#gather(edge).owe(to);
  }

  #gather(edge: Edge): Gather {
    const known = this.#gathers.get(edge);
    if (known !== undefined) return known;
    const gather = new Gather(this.context, edge.gathered?.windowMs ?? 0, (to) => {
      const frame = edge.gathered?.tell(this.#room);
      if (frame === undefined) return;
      for (const id of to) this.#seats.get(id)?.socket.send(frame, true);
    });
    this.#gathers.set(edge, gather);
    return gather;
  }

  #take(seat: Seat, frame: string): void {
    if (seat.waiting !== undefined) {
      if (seat.waiting.length < mostWaiting) seat.waiting.push(frame);
      else this.#handle({ input: "rejected", socket: seat.id, refusal: hasty });
      return;
    }
    for (const heard of seat.edge.hear(seat.id, frame)) this.#obey(seat, heard);
  }

  #obey(seat: Seat, heard: Heard): void {
    if (heard.heard === "input") this.#handle(heard.input);
    else this.#verify(seat, heard.token);
  }

  #verify(seat: Seat, token: string): void {
    const { env, name } = this.context;
    seat.waiting = [];
    this.context.outside(
      () => env.verify(token, name),
      (outcome) => {
        const claims: Result<Claims> = outcome.ok ? outcome.value : { ok: false, refusal: refusalOf(outcome.error) };
        const waiting = seat.waiting ?? [];
        seat.waiting = undefined;
        if (claims.ok) this.#hello(seat, claims.value);
        else this.#handle({ input: "rejected", socket: seat.id, refusal: claims.refusal });
        for (const frame of waiting) this.#take(seat, frame);
        return this.#mending;
      },
    );
  }

  #hello(seat: Seat, claims: Claims): void {
    if (!this.#seats.has(seat.id)) return;
    seat.socket.attachment = { claims } satisfies Kept;
    this.#handle({ input: "hello", socket: seat.id, claims });
  }

  /** A socket that stayed open while the room slept: its member says hello again, and is told everything. */
  #takeBack(socket: Socket): void {
    const seat = this.#sit(socket);
    const kept = socket.attachment as Kept | undefined;
    this.#greet(seat);
    if (kept !== undefined) this.#handle({ input: "hello", socket: seat.id, claims: kept.claims });
  }

  /** A dialect whose door knows who is there says so at once; the others wait for a hello. */
  #greet(seat: Seat): void {
    const { known } = seat.socket.detail as unknown as SocketDetail;
    if (seat.edge.greet === undefined) this.#handle({ input: "opened", socket: seat.id });
    else for (const heard of seat.edge.greet(seat.id, known)) this.#obey(seat, heard);
  }

  #sit(socket: Socket): Seat {
    const { dialect } = socket.detail as unknown as SocketDetail;
    const edge = this.context.env.edges[dialect];
    if (edge === undefined) throw new Error(`A door brought a socket of the unknown dialect ${dialect}.`);
    this.#lastSocket += 1;
    const seat = new Seat(this.#lastSocket, socket, edge);
    this.#seats.set(seat.id, seat);
    this.#seatOf.set(socket.id, seat);
    return seat;
  }

  #rise(seat: Seat): void {
    this.#seats.delete(seat.id);
    this.#seatOf.delete(seat.socket.id);
  }

  #dismiss(seat: Seat, reason: CloseReason): void {
    this.#rise(seat);
    seat.socket.close(reason === "left" ? 1000 : errors[reason].close, reason);
  }

  #askAi(request: AiRequest): void {
    const { ai, log } = this.context.env;
    const work = async () => ai?.ask(request);
    this.context.outside(work, (outcome) => {
      if (!outcome.ok)
        log.error("AI service failed", { room: this.context.name, ask: request.ask, error: outcome.error });
      if (request.ask === "disconnect") return undefined;
      const failed = { answer: "failed", number: request.number } as const;
      this.#handle({ input: "ai", answer: (outcome.ok && outcome.value) || failed });
      return this.#mending;
    });
  }

  #release(sessions: readonly string[]): void {
    const { media, log } = this.context.env;
    for (const session of sessions) {
      this.context.outside(
        () => releaseSession(media, session),
        (outcome) => {
          if (!outcome.ok) log.error("media session not released", { error: outcome.error });
        },
      );
    }
  }
}

const roomKey = "room";
const binary = refusal("bad-message", "Messages are text; binary frames are not spoken here.");
const hasty = refusal("too-many-requests", "Wait for the welcome before saying more.");

/** Whether anything changed that must outlive the process. */
function stored(input: Input, effects: readonly Effect[]): boolean {
  if (effects.some(({ effect }) => effect === "ended")) return false;
  return input.input === "bound" || input.input === "unbound" || effects.some(({ effect }) => effect !== "pong");
}
