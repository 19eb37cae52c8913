/**
 * A room as a durable actor: the same class on Node and on Workers.
 *
 * It routes only. What happens is the core's to decide (`@satsuma/rooms`); how it is spelled, an edge's (edge.ts). What
 * the core stores is written before anybody hears of it, because the actor's messages wait for its writes. What takes
 * time (reading a token, asking the media server) is done outside and comes back as an input.
 */
import { Actor, type Closing, checkKey, type Socket } from "@satsuma/durable";
import { type Refusal, type Result, refusal, refusalOf } from "@satsuma/protocol";
import {
  type AiRequest,
  type Claims,
  type Effect,
  type Entrance,
  type Heard,
  type Hello,
  type HistoryRequest,
  type Input,
  type Order,
  type Answer as Ordered,
  Room,
  restorable,
} from "@satsuma/rooms";
import { Alarm } from "./alarm.ts";
import { type Arrival, Arrivals } from "./arrivals.ts";
import { type Answer, answer, type Question } from "./ask.ts";
import { Diary } from "./diary.ts";
import type { SocketDetail } from "./edge.ts";
import { Outbox } from "./outbox.ts";
import { hashPasscode, isPasscode } from "./passcode.ts";
import type { RoomPorts } from "./ports.ts";
import { releaseSession, stopTracks } from "./release.ts";
import { type Seat, Seats } from "./seats.ts";

type Unverified = Extract<Heard, { heard: "hello" }>;

/** What stays with a socket while its room sleeps. */
interface Kept {
  readonly claims: Claims;
  readonly entrance: Pick<Entrance, "protocol" | "client">;
}

/** Frames that may wait for a token to be read, which takes about a millisecond. Whoever says more waits for no welcome. */
const mostWaiting = 64;

/** RFC 6455, 7.4.1. */
const goingAway = 1001;

export class RoomObject extends Actor<RoomPorts> {
  #room = new Room(this.context.env.settings, "");
  readonly #seats = new Seats(this.context.env.edges, () => this.#room);
  readonly #outbox = new Outbox(this.context, this.#post(), () => this.#setAlarm());
  readonly #arrivals = new Arrivals(this.context, (arrivals) => {
    this.#letIn(arrivals);
    return this.#settle();
  });
  readonly #diary = new Diary(this.context, this.context.env.settings);
  readonly #alarm = new Alarm(this.context, () => {
    this.#outbox.wake();
    if (this.#diary.nextDeadline() <= this.context.now()) {
      const tidied = this.#diary.wake();
      this.#after(() => tidied.then(() => this.#setAlarm()));
    }
    this.#handle({ input: "wake" });
    return this.#settle();
  });
  /** What the next input has to wait for: old records that were asked for, or the room itself after a bug. */
  #work: Promise<void> | undefined;
  readonly #orders = new Map<number, Ordered>();
  #lastTicket = 0;

  override async start(): Promise<void> {
    await this.#alarm.load();
    await this.#load();
    const hellos = this.context.sockets().flatMap((socket) => this.#takeBack(socket));
    if (hellos.length > 0) this.#handle({ input: "hellos", hellos });
    return this.#settle();
  }

  override connect(socket: Socket): Promise<void> | undefined {
    // The socket that wakes the room was there when it started.
    if (this.#seats.of(socket) === undefined) this.#greet(this.#seats.sit(socket));
    return this.#settle();
  }

  override message(socket: Socket, data: string | Uint8Array): Promise<void> | undefined {
    const seat = this.#seats.of(socket);
    if (seat === undefined) return;
    if (typeof data === "string") this.#take(seat, data);
    else this.#handle({ input: "rejected", socket: seat.id, refusal: binary });
    return this.#settle();
  }

  override close(socket: Socket, { code }: Closing): Promise<void> | undefined {
    const seat = this.#seats.of(socket);
    if (seat === undefined) return;
    this.#seats.rise(seat);
    this.#handle({ input: "closed", socket: seat.id, leaving: code === goingAway });
    // Nobody is left to make notes, and perhaps the process is about to end.
    if (this.#seats.isEmpty) this.#diary.write();
    return this.#settle();
  }

  override ask(question: Question): Promise<Answer> | Answer {
    return answer(question, {
      room: this.#room,
      diary: this.#diary,
      now: this.context.now(),
      handle: (input) => this.#handle(input),
      order: (by, order) => this.#order(by, order),
    });
  }

  override alarm(): Promise<void> | undefined {
    return this.#alarm.rang();
  }

  async #load(): Promise<void> {
    const { storage } = this.context;
    const records: [string, unknown][] = [];
    for (const { prefix, last } of restorable) {
      const some = await storage.list({ prefix, ...(last !== undefined && { limit: last, reverse: true }) });
      records.push(...some);
    }
    this.#room = Room.restore(this.context.env.settings, records, this.context.now(), crypto.randomUUID());
    await this.#outbox.load();
    await this.#diary.load();
    this.#setAlarm();
  }

  #handle(input: Input): void {
    try {
      for (const effect of this.#room.handle(input, this.context.now())) this.#perform(effect);
      this.#setAlarm();
    } catch (error) {
      this.#fail(input.input, error);
    }
  }

  /** A core that throws has a bug. What was stored holds, so everybody begins anew from there and comes back. */
  #fail(during: string, error: unknown): void {
    this.context.env.log.error("room failed", { room: this.context.name, input: during, error });
    this.#seats.closeAll("internal");
    this.#after(() => this.#load());
  }

  #perform(effect: Effect): void {
    const { storage } = this.context;
    switch (effect.effect) {
      case "store":
        this.#store(effect.puts);
        if (effect.deletes.length > 0) void storage.delete(effect.deletes);
        break;
      case "send":
        this.#seats.tell(effect.to, effect.message);
        break;
      case "close":
        this.#seats.close(effect.to, effect.reason);
        break;
      case "orange":
        this.#seats.tellOrange(effect.to, effect);
        break;
      case "orange-close":
        this.#seats.closeWith(effect.to, effect.code, effect.reason);
        break;
      case "ai":
        this.#askAi(effect.request);
        break;
      case "history":
        this.#after(() => this.#recall(effect));
        break;
      case "event":
        this.#outbox.add(effect.event);
        break;
      case "note":
        this.#diary.add(effect.note);
        break;
      case "answer":
        this.#orders.set(effect.ticket, effect.answer);
        break;
      case "release":
        for (const session of effect.sessions) this.#atMedia((media) => releaseSession(media, session));
        break;
      case "stop":
        for (const [session, some] of Map.groupBy(effect.tracks, (track) => track.session)) {
          const names = some.map(({ name }) => name);
          this.#atMedia((media) => stopTracks(media, session, names));
        }
        break;
      case "ended":
        break;
    }
  }

  /** What cannot be stored is never acknowledged: a key that the storage would refuse ends the turn before a word is said. */
  #store(puts: readonly (readonly [string, unknown])[]): void {
    for (const [key] of puts) checkKey(key);
    if (puts.length === 0) return;
    void this.context.storage.put(Object.fromEntries(puts)).catch((error: unknown) => this.#fail("store", error));
  }

  #setAlarm(): void {
    const never = Number.POSITIVE_INFINITY;
    const [room = never, outbox = never] = [this.#room.nextDeadline(), this.#outbox.nextDeadline()];
    const next = Math.min(room, outbox, this.#diary.nextDeadline());
    this.#alarm.set(next === never ? undefined : next, this.#room.nextVigil());
  }

  #post(): ((events: Parameters<NonNullable<RoomPorts["post"]>>[1]) => Promise<void>) | undefined {
    const { post } = this.context.env;
    return post && ((events) => post(this.context.name, events));
  }

  async #recall(request: HistoryRequest): Promise<void> {
    const { prefix, below, limit } = request;
    const records = [...(await this.context.storage.list({ prefix, end: below, limit, reverse: true }))];
    this.#handle({ input: "history", request, records });
  }

  async #order(by: string, order: Order): Promise<Ordered> {
    this.#lastTicket += 1;
    const ticket = this.#lastTicket;
    this.#handle({ input: "order", ticket, by, order });
    await this.#settle();
    const answer = this.#orders.get(ticket);
    this.#orders.delete(ticket);
    return answer ?? { ok: false, refusal: refusal("internal", "The room failed.") };
  }

  #after(work: () => Promise<void>): void {
    this.#work = (this.#work ?? Promise.resolve()).then(work);
  }

  /** Undefined when nothing has to be waited for, which is nearly always. */
  #settle(): Promise<void> | undefined {
    return this.#work === undefined ? undefined : this.#finish();
  }

  async #finish(): Promise<void> {
    for (let work = this.#work; work !== undefined; work = this.#work) {
      this.#work = undefined;
      await work;
    }
  }

  #take(seat: Seat, frame: string): void {
    if (seat.waiting === undefined) for (const heard of seat.edge.hear(seat.id, frame)) this.#obey(seat, heard);
    else if (seat.waiting.length < mostWaiting) seat.waiting.push(frame);
    else this.#handle({ input: "rejected", socket: seat.id, refusal: hasty });
  }

  #obey(seat: Seat, heard: Heard): void {
    switch (heard.heard) {
      case "input":
        if (heard.input.input === "hello") this.#hello(seat, heard.input.claims, heard.input);
        else this.#handle(heard.input);
        break;
      case "hello":
        this.#verify(seat, heard);
        break;
      case "passcode": {
        const { id, passcode } = heard;
        this.#outside(
          seat,
          () => hashPasscode(passcode),
          (hash) => {
            this.#handle({ input: "command", socket: seat.id, id, command: { do: "set-passcode", hash } });
          },
        );
        break;
      }
    }
  }

  #verify(seat: Seat, { token, protocol, client, resume, passcode }: Unverified): void {
    const { env, name } = this.context;
    const check = async (): Promise<Result<{ claims: Claims } & Entrance>> => {
      const claims = await env.verify(token, name);
      if (!claims.ok) return claims;
      const full = await this.#refusalToBegin();
      if (full) return { ok: false, refusal: full };
      const hash = this.#room.passcode;
      const entrance = { claims: claims.value, protocol, client, resume };
      if (passcode === undefined || hash === undefined) return { ok: true, value: entrance };
      return { ok: true, value: { ...entrance, passcode: { hash, right: await isPasscode(passcode, hash) } } };
    };
    this.#outside(seat, check, (hello) => {
      if (hello.ok) this.#hello(seat, hello.value.claims, hello.value);
      else this.#handle({ input: "rejected", socket: seat.id, refusal: hello.refusal });
    });
  }

  #hello(seat: Seat, claims: Claims, entrance: Entrance): void {
    const { protocol, client, resume, passcode } = entrance;
    seat.socket.attachment = { claims, entrance: { protocol, client } } satisfies Kept;
    const hello = { socket: seat.id, claims, protocol, client, resume, passcode };
    if (this.#arrivals.pass({ seat, hello })) this.#handle({ input: "hello", ...hello });
  }

  #letIn(arrivals: readonly Arrival[]): void {
    const here = arrivals.filter(({ seat }) => this.#seats.has(seat));
    this.#handle({ input: "hellos", hellos: here.map(({ hello }) => hello) });
    for (const { seat } of here) this.#hearWaiting(seat);
  }

  /** What a seat has said while it had to wait. */
  #hearWaiting(seat: Seat): void {
    const { waiting = [] } = seat;
    seat.waiting = undefined;
    for (const frame of waiting) this.#take(seat, frame);
  }

  /** Frames of the socket wait until the work is done, so that they are heard in the order they came. */
  #outside<T>(seat: Seat, work: () => Promise<T>, then: (value: T) => void): void {
    seat.waiting = [];
    this.context.outside(work, (outcome) => {
      const waiting = seat.waiting ?? [];
      seat.waiting = undefined;
      if (!this.#seats.has(seat)) return;
      if (outcome.ok) then(outcome.value);
      else this.#handle({ input: "rejected", socket: seat.id, refusal: refusalOf(outcome.error) });
      for (const frame of waiting) this.#take(seat, frame);
      return this.#settle();
    });
  }

  /** A socket that stayed open while the room slept: its member says hello again, and is told everything. */
  #takeBack(socket: Socket): Hello[] {
    const seat = this.#seats.sit(socket);
    const kept = socket.attachment as Kept | undefined;
    this.#greet(seat);
    return kept === undefined ? [] : [{ socket: seat.id, claims: kept.claims, ...kept.entrance }];
  }

  /** A dialect whose door knows who is there says so at once; the others wait for a hello. */
  #greet(seat: Seat): void {
    const { known } = seat.socket.detail as unknown as SocketDetail;
    const greeting = seat.edge.greet?.(seat.id, known);
    if (greeting === undefined) this.#handle({ input: "opened", socket: seat.id });
    else if (this.context.env.admit === undefined || this.#room.state.meeting) {
      for (const heard of greeting) this.#obey(seat, heard);
    } else {
      this.#outside(
        seat,
        () => this.#refusalToBegin(),
        (full) => {
          if (!full) for (const heard of greeting) this.#obey(seat, heard);
          else {
            seat.socket.send(seat.edge.refuse(full));
            // Orange's client knows of this code that it may come again.
            this.#seats.closeWith(seat.id, 1011, full.code);
          }
        },
      );
    }
  }

  /** Who cannot be asked whether another room may begin says that it may: a limit is no reason to close the house. */
  async #refusalToBegin(): Promise<Refusal | undefined> {
    const { env, name } = this.context;
    if (env.admit === undefined || this.#room.state.meeting) return undefined;
    return env.admit(name).catch((error: unknown) => {
      env.log.error("number of rooms not known", { room: name, error });
      return undefined;
    });
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
      return this.#settle();
    });
  }

  #atMedia(work: (media: RoomPorts["media"]) => Promise<void>): void {
    const { media, log } = this.context.env;
    this.context.outside(
      () => work(media),
      (outcome) => {
        if (!outcome.ok) log.error("media session not released", { error: outcome.error });
      },
    );
  }
}

const binary = refusal("bad-message", "Messages are text; binary frames are not spoken here.");
const hasty = refusal("too-many-requests", "Wait for the welcome before saying more.");
