/**
 * Being in a room, as seen from one browser: joining, staying, coming back, leaving.
 *
 * Pure: inputs and the time go in, effects come out; no socket, no clock, no timer. It knows tracks only as words to
 * announce. After a lost socket the last known room stays in view until the server tells a newer one.
 */
import {
  type ClientMessage,
  type Command,
  type ErrorCode,
  errors,
  refusal,
  roomProtocols,
  type ServerMessage,
} from "@satsuma/protocol";
import type { RetryPolicy } from "../backoff.ts";
import { earliest } from "../deadline.ts";
import { OutageCount, type Outages } from "../outages.ts";
import { Asks } from "./asks.ts";
import { ChatLog } from "./chat-log.ts";
import { Known } from "./known.ts";
import { Signals } from "./signals.ts";
import { connectionOf, isLive, type State } from "./state.ts";
import { Wishes } from "./wishes.ts";
import type { EndReason, SessionEffect, SessionInput, SessionView } from "./words.ts";

/** Milliseconds for each step of joining: token, socket, welcome. */
const stepTimeout = 10_000;
/** Milliseconds that a leave waits for its ack; the person has gone already. */
const leaveTimeout = 1000;

export class SessionCore {
  #state: State = { state: "idle" };
  readonly #known = new Known();
  #token: string | undefined;
  /** Set once a server refused the token; a second refusal in a row ends the room. */
  #tokenRefused = false;
  #socket = 0;
  #failures = 0;
  /** A server has let this client in, or to the door: it is there, and worth waiting for. */
  #reached = false;
  #lostAt: number | undefined;
  readonly #outages = new OutageCount();
  /** The server knows reports; an older one says that it does not. */
  #reports = true;
  #command = 0;
  readonly #wishes = new Wishes();
  readonly #policy: RetryPolicy;
  readonly #client: string;
  readonly #passcode: string | undefined;
  readonly #signals = new Signals();
  readonly #asks = new Asks();
  readonly #chat = new ChatLog();
  /** The command that reads what was missed of the chat. */
  #reading: number | undefined;

  /** `client`: a random text of its own for every session. */
  constructor(options: {
    readonly policy: RetryPolicy;
    readonly client: string;
    readonly passcode?: string | undefined;
  }) {
    this.#policy = options.policy;
    this.#client = options.client;
    this.#passcode = options.passcode;
  }

  handle(input: SessionInput, now: number): SessionEffect[] {
    if (this.#state.state === "ended") return [];
    switch (input.input) {
      case "join":
        return this.#state.state === "idle" ? this.#connect(now) : [];
      case "token":
        return this.#state.state === "asking" ? this.#open(input.token, now) : [];
      case "token-failed":
        return this.#state.state === "asking" ? this.#lost(input.refusal.code, input.refusal.retry, now) : [];
      case "opened":
        return this.#state.state === "opening" && input.socket === this.#state.socket ? this.#greet(now) : [];
      case "message":
        return this.#isCurrent(input.socket) ? this.#hear(input.message, now) : [];
      case "closed":
        return this.#isCurrent(input.socket) ? this.#closed(input.reason, now) : [];
      case "announce":
        return this.#wishes.announce(input.tracks) ? this.#reconcile(now) : [];
      case "rename":
        this.#wishes.rename(input.name);
        return this.#reconcile(now);
      case "signal":
        this.#signals.want(input.signal);
        return this.#signal();
      case "report":
        return this.#reports && this.#state.state === "joined" ? [send({ type: "report", ...input.report })] : [];
      case "ask":
        return this.#ask(input.ask, input.command);
      case "online":
        return this.#state.state === "waiting" ? this.#connect(now) : [];
      case "leave":
        return this.#leave(now);
      case "tick":
        return this.#tick(now);
    }
  }

  nextDeadline(): number | undefined {
    switch (this.#state.state) {
      case "idle":
      case "ended":
        return undefined;
      case "joined":
      case "lobby":
        return earliest(this.#state.pingAt, this.#state.answerBy, this.#wishes.nextDeadline());
      default:
        return this.#state.deadline;
    }
  }

  view(): SessionView {
    return {
      connection: connectionOf(this.#state, this.#lostAt),
      room: this.#known.room,
      presence: this.#known.presence,
      me: this.#known.me,
      you: this.#known.you,
      lobby: this.#known.lobby,
    };
  }

  /** How the way to the room was lost and came back. */
  outages(now: number): Outages {
    return this.#outages.view(now);
  }

  #isCurrent(socket: number): boolean {
    return "socket" in this.#state && this.#state.socket === socket;
  }

  #connect(now: number): SessionEffect[] {
    if (this.#token !== undefined) return this.#open(this.#token, now);
    this.#state = { state: "asking", deadline: now + stepTimeout };
    return [{ effect: "ask-token", again: this.#tokenRefused }];
  }

  #open(token: string, now: number): SessionEffect[] {
    this.#token = token;
    this.#socket += 1;
    this.#outages.tried();
    this.#state = { state: "opening", socket: this.#socket, deadline: now + stepTimeout };
    return [{ effect: "open", socket: this.#socket }];
  }

  #greet(now: number): SessionEffect[] {
    this.#state = { state: "greeting", socket: this.#socket, deadline: now + stepTimeout };
    const resume = this.#known.resume();
    const hello = { type: "hello", protocols: roomProtocols, token: this.#token ?? "", client: this.#client } as const;
    const passcode = this.#passcode === undefined ? {} : { passcode: this.#passcode };
    return [{ effect: "send", message: { ...hello, ...passcode, ...(resume && { resume }) } }];
  }

  #hear(message: ServerMessage, now: number): SessionEffect[] {
    if (isLive(this.#state)) this.#state = { ...this.#state, answerBy: undefined };
    switch (message.type) {
      case "welcome":
        if (this.#state.state !== "greeting" && this.#state.state !== "lobby") return [];
        return this.#welcomed(message, now);
      case "waiting":
        if (this.#state.state !== "greeting") return [];
        this.#live("lobby", message.pingInterval, now);
        return [{ effect: "changed" }];
      case "you":
        this.#known.you = message.you;
        this.#wishes.moved();
        return [{ effect: "changed" }, ...this.#reconcile(now)];
      case "presence":
        this.#known.presence = message.presence;
        return [{ effect: "changed" }];
      case "signals":
        this.#known.update(message);
        return [{ effect: "changed" }];
      case "snapshot":
        return this.#replaced(message, now);
      case "delta":
        return this.#applyDelta(message, now);
      case "ack":
        return [...this.#askAnswered(message), ...this.#answered(message.id, now)];
      case "error":
        if (message.id === undefined && message.code === "unknown-command") this.#reports = false;
        if (this.#wishes.refused(message.id, message.retry, now)) return this.#reconcile(now);
        return [...this.#askAnswered(message), ...this.#answered(message.id, now)];
      case "lobby":
        this.#known.lobby = { waiting: message.waiting, count: message.count };
        return [{ effect: "changed" }, { effect: "happened", message }];
      case "chat":
        this.#known.chatted(message);
        this.#chat.heard(message);
        return [{ effect: "happened", message }];
      case "notice":
      case "emoted":
      case "relayed":
      case "entries":
        return [{ effect: "happened", message }];
      default:
        return [];
    }
  }

  #welcomed(welcome: Extract<ServerMessage, { type: "welcome" }>, now: number): SessionEffect[] {
    const newStay = this.#known.welcomed(welcome);
    this.#chat.joined(welcome.you.joinedAt);
    this.#lostAt = undefined;
    this.#outages.back(now);
    this.#wishes.welcomed(newStay);
    this.#live("joined", welcome.pingInterval, now);
    const anew: SessionEffect[] = newStay ? [{ effect: "new-stay" }] : [];
    this.#signals.forget();
    const again = this.#asks.again().map((command): SessionEffect => send({ type: "command", ...command }));
    return [
      ...(welcome.resumed ? [admitted] : []),
      ...anew,
      { effect: "changed" },
      ...again,
      ...this.#readChat(welcome.resumed ? this.#chat.open : undefined),
      ...this.#signal(),
      ...this.#reconcile(now),
    ];
  }

  #replaced(snapshot: Extract<ServerMessage, { type: "snapshot" }>, now: number): SessionEffect[] {
    // Not before, so that what others publish is pulled along with the first push.
    const first = this.#known.awaitsSnapshot ? [admitted] : [];
    this.#wishes.moved();
    const missed = this.#known.replace(snapshot) ? this.#chat.missed() : undefined;
    return [{ effect: "changed" }, ...first, ...this.#readChat(missed), ...this.#taken(), ...this.#reconcile(now)];
  }

  #ask(ask: number, command: Command): SessionEffect[] {
    const id = ++this.#command;
    const refused = this.#asks.add(id, ask, command);
    if (refused) return [{ effect: "answered", ask, answer: { ok: false, refusal: refused } }];
    return this.#state.state === "joined" ? [send({ type: "command", id, command })] : [];
  }

  #askAnswered(message: Extract<ServerMessage, { type: "ack" | "error" }>): SessionEffect[] {
    if (message.id !== undefined && message.id === this.#reading) return this.#chatRead(message);
    const answered = this.#asks.answered(message);
    return answered ? [{ effect: "answered", ...answered }] : [];
  }

  /** Asks for what was said while nothing was heard. */
  #readChat(command: Command | undefined): SessionEffect[] {
    if (command === undefined) return [];
    this.#reading = ++this.#command;
    return [send({ type: "command", id: this.#reading, command })];
  }

  #chatRead(message: Extract<ServerMessage, { type: "ack" | "error" }>): SessionEffect[] {
    this.#reading = undefined;
    if (message.type === "error" || message.result?.of !== "read") {
      this.#chat.refused();
      return [];
    }
    const { told, ask } = this.#chat.tell(message.result, this.#known.chat);
    const happened = told.map((happening): SessionEffect => ({ effect: "happened", message: happening }));
    return [...happened, ...this.#readChat(ask)];
  }

  #signal(): SessionEffect[] {
    const signal = this.#state.state === "joined" ? this.#signals.next() : undefined;
    return signal ? [send({ type: "signal", ...signal })] : [];
  }

  #live(state: "joined" | "lobby", interval: number, now: number): void {
    this.#failures = 0;
    this.#tokenRefused = false;
    this.#reached = true;
    this.#state = { state, socket: this.#socket, interval, pingAt: now + interval, answerBy: undefined };
  }

  #applyDelta(delta: Extract<ServerMessage, { type: "delta" }>, now: number): SessionEffect[] {
    const mine = this.#known.own();
    const applied = this.#known.apply(delta);
    if (applied === "old") return [];
    if (applied === "gap") return [send({ type: "resync" })];
    if (this.#known.own() !== mine) this.#wishes.moved();
    const ended = delta.changes.flatMap((change) =>
      change.change === "unpublished" && change.id === this.#known.me ? [change.name] : [],
    );
    return [{ effect: "changed" }, ...this.#taken(ended), ...this.#reconcile(now)];
  }

  #taken(ended?: readonly string[]): SessionEffect[] {
    const names = this.#wishes.taken(this.#known.own(), ended);
    return names.length > 0 ? [{ effect: "taken", names }] : [];
  }

  #answered(id: number | undefined, now: number): SessionEffect[] {
    if (this.#state.state === "leaving" && id === this.#state.command) return this.#end({ why: "left" });
    return this.#wishes.answered(id) ? this.#reconcile(now) : [];
  }

  /** Sends the one command that brings the room's record of me closer to what I want, if none is under way. */
  #reconcile(now: number): SessionEffect[] {
    if (this.#state.state !== "joined") return [];
    const own = this.#known.own();
    const id = this.#command + 1;
    const command = this.#wishes.next(id, own, own?.name ?? this.#known.you?.name, now);
    if (!command) return [];
    this.#command = id;
    return [send({ type: "command", id, command })];
  }

  #closed(reason: string, now: number): SessionEffect[] {
    if (this.#state.state === "leaving") return this.#end({ why: "left" });
    const code = Object.hasOwn(errors, reason) ? (reason as ErrorCode) : undefined;
    return this.#lost(code, code === undefined || errors[code].retry, now);
  }

  /** One try or one connection is over: end the room, or wait and try again. */
  #lost(code: ErrorCode | undefined, retry: boolean, now: number): SessionEffect[] {
    const worked = this.#known.me !== undefined;
    const close: SessionEffect[] = "socket" in this.#state ? [{ effect: "close", socket: this.#state.socket }] : [];
    if (worked) {
      this.#lostAt ??= now;
      this.#outages.lost(code ?? "socket-lost", now);
    }
    this.#failures += 1;
    if (code === "replaced") return this.#end({ why: "replaced" });
    if (code === "bad-token" && !this.#tokenRefused) {
      // Tokens expire in long calls; the app may have a fresh one for the same participant.
      this.#tokenRefused = true;
      this.#token = undefined;
      return [...close, ...this.#connect(now), { effect: "changed" }];
    }
    // Nobody has refused the new one: in a long outage it may be over in its turn before the server is heard again.
    if (this.#state.state !== "asking") this.#tokenRefused = false;
    if (code !== undefined && (!retry || (code === "room-full" && !worked))) {
      return this.#end({ why: "refused", refusal: refusal(code, "The room refused this client.") });
    }
    const delay = this.#policy({ failures: this.#failures, worked: this.#reached });
    if (delay === undefined) return this.#end({ why: "unreachable" });
    this.#state = { state: "waiting", deadline: now + delay };
    const away: SessionEffect[] = worked ? [{ effect: "away" }] : [];
    return [...close, ...away, { effect: "changed" }];
  }

  #leave(now: number): SessionEffect[] {
    if (this.#state.state === "leaving") return [];
    if (this.#state.state !== "joined") return this.#end({ why: "left" });
    const id = ++this.#command;
    this.#state = { state: "leaving", socket: this.#socket, command: id, deadline: now + leaveTimeout };
    return [{ effect: "send", message: { type: "command", id, command: { do: "leave" } } }, { effect: "changed" }];
  }

  #end(end: EndReason): SessionEffect[] {
    const close: SessionEffect[] = "socket" in this.#state ? [{ effect: "close", socket: this.#state.socket }] : [];
    this.#state = { state: "ended", end };
    const over = refusal("not-a-member", "You are not in the room any more.");
    const unanswered = this.#asks
      .end()
      .map((ask): SessionEffect => ({ effect: "answered", ask, answer: { ok: false, refusal: over } }));
    return [...close, ...unanswered, { effect: "changed" }];
  }

  #tick(now: number): SessionEffect[] {
    const due = this.nextDeadline();
    if (due === undefined || now < due) return [];
    switch (this.#state.state) {
      case "waiting":
        return this.#connect(now);
      case "leaving":
        return this.#end({ why: "left" });
      case "lobby":
      case "joined": {
        if (this.#state.answerBy !== undefined && now >= this.#state.answerBy) return this.#lost(undefined, true, now);
        const again = this.#reconcile(now);
        if (now < this.#state.pingAt) return again;
        // Measured from the ping, not from the last word heard: a timer that was throttled must not end a good socket.
        this.#state = {
          ...this.#state,
          pingAt: now + this.#state.interval,
          answerBy: this.#state.answerBy ?? now + 2 * this.#state.interval,
        };
        return [...again, { effect: "send", message: { type: "ping" } }];
      }
      default:
        return this.#lost(undefined, true, now);
    }
  }
}

const admitted: SessionEffect = { effect: "welcomed" };

function send(message: ClientMessage): SessionEffect {
  return { effect: "send", message };
}
