/**
 * Being in a room, as seen from one browser: joining, staying, coming back, leaving.
 *
 * Pure: inputs and the time go in, effects come out; no socket, no clock, no timer. It knows tracks only as words to
 * announce. After a lost socket the last known room stays in view until the server tells a newer one.
 */
import {
  applyDelta,
  applyPresence,
  type Command,
  type ErrorCode,
  emptyPresence,
  emptyRoom,
  errors,
  type Participant,
  type Presence,
  type RoomState,
  refusal,
  roomProtocols,
  type Self,
  type ServerMessage,
  settlePresence,
  type Track,
} from "@satsuma/protocol";
import type { RetryPolicy } from "../backoff.ts";
import { nextCommand, sameTracks } from "./announcement.ts";
import type { ConnectionView, EndReason, SessionEffect, SessionInput, SessionView } from "./words.ts";

type State =
  | { readonly state: "idle" }
  | { readonly state: "asking"; readonly deadline: number }
  | { readonly state: "opening"; readonly socket: number; readonly deadline: number }
  | { readonly state: "greeting"; readonly socket: number; readonly deadline: number }
  /** Welcomed, or waiting until a moderator lets this client in; both have to be kept alive. */
  | {
      readonly state: "joined" | "lobby";
      readonly socket: number;
      readonly interval: number;
      readonly pingAt: number;
      /** By when the server must have said anything at all, once a ping is out. */
      readonly answerBy: number | undefined;
    }
  | { readonly state: "waiting"; readonly deadline: number }
  | { readonly state: "leaving"; readonly socket: number; readonly command: number; readonly deadline: number }
  | { readonly state: "ended"; readonly end: EndReason };

/** Milliseconds for each step of joining: token, socket, welcome. */
const stepTimeout = 10_000;
/** Milliseconds that a leave waits for its ack; the person has gone already. */
const leaveTimeout = 1000;
/** Milliseconds before a command refused for the moment is tried again. */
const commandRetry = 1000;

export class SessionCore {
  #state: State = { state: "idle" };
  #room: RoomState = emptyRoom;
  #me: string | undefined;
  #token: string | undefined;
  /** Set once a server refused the token; a second refusal in a row ends the room. */
  #tokenRefused = false;
  #socket = 0;
  #failures = 0;
  #lostAt: number | undefined;
  #command = 0;
  #pending: number | undefined;
  #desired: readonly Track[] | undefined;
  #name: string | undefined;
  /** While set, no command is sent: until the moment given, or until the wish or the room changes. */
  #holdCommands: number | undefined;
  readonly #policy: RetryPolicy;
  readonly #client: string;
  /** Which past the room's version belongs to, and the last chat event of it. */
  #lineage: string | undefined;
  #chat = 0;
  #presence: Presence = emptyPresence;
  /** What the room knows of me alone. Another `joinedAt` means that it had given up my place. */
  #you: Self | undefined;
  readonly #passcode: string | undefined;

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
        if (this.#desired && sameTracks(this.#desired, input.tracks)) return [];
        this.#desired = input.tracks;
        this.#holdCommands = undefined;
        return this.#reconcile(now);
      case "rename":
        this.#name = input.name;
        this.#holdCommands = undefined;
        return this.#reconcile(now);
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
        return earliest(this.#state.pingAt, this.#state.answerBy, this.#holdCommands);
      default:
        return this.#state.deadline;
    }
  }

  view(): SessionView {
    return {
      connection: this.#connection(),
      room: this.#room,
      presence: this.#presence,
      me: this.#me,
      you: this.#you,
    };
  }

  #connection(): ConnectionView {
    if (this.#state.state === "ended") return { state: "ended", end: this.#state.end };
    if (this.#state.state === "leaving") return { state: "ended", end: { why: "left" } };
    if (this.#state.state === "joined") return { state: "connected" };
    if (this.#state.state === "lobby") return { state: "waiting" };
    return this.#lostAt === undefined ? { state: "connecting" } : { state: "reconnecting", since: this.#lostAt };
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
    this.#state = { state: "opening", socket: this.#socket, deadline: now + stepTimeout };
    return [{ effect: "open", socket: this.#socket }];
  }

  #greet(now: number): SessionEffect[] {
    this.#state = { state: "greeting", socket: this.#socket, deadline: now + stepTimeout };
    const lineage = this.#lineage;
    const resume = lineage === undefined ? {} : { resume: { lineage, version: this.#room.version, chat: this.#chat } };
    const hello = { type: "hello", protocols: roomProtocols, token: this.#token ?? "", client: this.#client } as const;
    const passcode = this.#passcode === undefined ? {} : { passcode: this.#passcode };
    return [{ effect: "send", message: { ...hello, ...passcode, ...resume } }];
  }

  #hear(message: ServerMessage, now: number): SessionEffect[] {
    if (this.#isLive(this.#state)) this.#state = { ...this.#state, answerBy: undefined };
    switch (message.type) {
      case "welcome":
        if (this.#state.state !== "greeting" && this.#state.state !== "lobby") return [];
        return this.#welcomed(message, now);
      case "waiting":
        if (this.#state.state !== "greeting") return [];
        this.#live("lobby", message.pingInterval, now);
        return [{ effect: "changed" }];
      case "you":
        this.#you = message.you;
        this.#holdCommands = undefined;
        return [{ effect: "changed" }, ...this.#reconcile(now)];
      case "presence":
        this.#presence = message.presence;
        return [{ effect: "changed" }];
      case "signals":
        this.#presence = applyPresence(this.#presence, message);
        return [{ effect: "changed" }];
      case "notice":
        return [{ effect: "notice", notice: message }];
      case "snapshot":
        this.#presence = message.presence;
        this.#chat = message.chat;
        this.#room = message.state;
        this.#holdCommands = undefined;
        return [{ effect: "changed" }, ...this.#reconcile(now)];
      case "delta":
        return this.#applyDelta(message, now);
      case "ack":
        return this.#answered(message.id, now);
      case "error":
        if (message.id === undefined || message.id !== this.#pending) return this.#answered(message.id, now);
        // Not again in a loop: a lasting refusal waits until the wish or the room has changed.
        this.#pending = undefined;
        this.#holdCommands = message.retry ? now + commandRetry : Number.POSITIVE_INFINITY;
        return [];
      case "chat":
        this.#chat = message.n;
        return [];
      default:
        return [];
    }
  }

  #welcomed(welcome: Extract<ServerMessage, { type: "welcome" }>, now: number): SessionEffect[] {
    const { participant, lineage, pingInterval, you } = welcome;
    const newStay = this.#you !== undefined && this.#you.joinedAt !== you.joinedAt;
    this.#me = participant;
    this.#lineage = lineage;
    this.#you = you;
    this.#failures = 0;
    this.#lostAt = undefined;
    this.#tokenRefused = false;
    this.#pending = undefined;
    this.#holdCommands = undefined;
    this.#live("joined", pingInterval, now);
    // What was announced is of media sessions that this stay does not know; there will be others.
    if (newStay) this.#desired = undefined;
    const anew: SessionEffect[] = newStay ? [{ effect: "new-stay" }] : [];
    return [{ effect: "welcomed" }, ...anew, { effect: "changed" }, ...this.#reconcile(now)];
  }

  #live(state: "joined" | "lobby", interval: number, now: number): void {
    this.#state = { state, socket: this.#socket, interval, pingAt: now + interval, answerBy: undefined };
  }

  #isLive(state: State): state is Extract<State, { pingAt: number }> {
    return "pingAt" in state;
  }

  #applyDelta(delta: Extract<ServerMessage, { type: "delta" }>, now: number): SessionEffect[] {
    if (delta.version <= this.#room.version) return [];
    const next = applyDelta(this.#room, delta);
    if (next === undefined) return [{ effect: "send", message: { type: "resync" } }];
    const mine = this.#own();
    this.#room = next;
    this.#presence = delta.changes.reduce(settlePresence, this.#presence);
    if (this.#own() !== mine && this.#holdCommands === Number.POSITIVE_INFINITY) this.#holdCommands = undefined;
    return [{ effect: "changed" }, ...this.#reconcile(now)];
  }

  #answered(id: number | undefined, now: number): SessionEffect[] {
    if (this.#state.state === "leaving" && id === this.#state.command) return this.#end({ why: "left" });
    if (id === undefined || id !== this.#pending) return [];
    this.#pending = undefined;
    return this.#reconcile(now);
  }

  /** Sends the one command that brings the room's record of me closer to what I want, if none is under way. */
  #reconcile(now: number): SessionEffect[] {
    if (this.#state.state !== "joined" || this.#pending !== undefined) return [];
    if (this.#holdCommands !== undefined && now < this.#holdCommands) return [];
    this.#holdCommands = undefined;
    // A listener is not among the participants: there is nothing that could be announced of one.
    const own = this.#own();
    const name = own?.name ?? this.#you?.name;
    const command: Command | undefined =
      this.#name !== undefined && this.#name !== name
        ? { do: "rename", name: this.#name }
        : own && this.#desired && nextCommand(this.#desired, own.tracks);
    if (!command) return [];
    this.#pending = ++this.#command;
    return [{ effect: "send", message: { type: "command", id: this.#pending, command } }];
  }

  #own(): Participant | undefined {
    return this.#room.participants.find((participant) => participant.id === this.#me);
  }

  #closed(reason: string, now: number): SessionEffect[] {
    if (this.#state.state === "leaving") return this.#end({ why: "left" });
    const code = Object.hasOwn(errors, reason) ? (reason as ErrorCode) : undefined;
    return this.#lost(code, code === undefined || errors[code].retry, now);
  }

  /** One try or one connection is over: end the room, or wait and try again. */
  #lost(code: ErrorCode | undefined, retry: boolean, now: number): SessionEffect[] {
    const worked = this.#me !== undefined;
    const close: SessionEffect[] = "socket" in this.#state ? [{ effect: "close", socket: this.#state.socket }] : [];
    if (worked) this.#lostAt ??= now;
    this.#failures += 1;
    if (code === "replaced") return this.#end({ why: "replaced" });
    if (code === "bad-token" && !this.#tokenRefused) {
      // Tokens expire in long calls; the app may have a fresh one for the same participant.
      this.#tokenRefused = true;
      this.#token = undefined;
      return [...close, ...this.#connect(now), { effect: "changed" }];
    }
    if (code !== undefined && (!retry || (code === "room-full" && !worked))) {
      return this.#end({ why: "refused", refusal: refusal(code, "The room refused this client.") });
    }
    const delay = this.#policy({ failures: this.#failures, worked });
    if (delay === undefined) return this.#end({ why: "unreachable" });
    this.#state = { state: "waiting", deadline: now + delay };
    return [...close, { effect: "changed" }];
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
    return [...close, { effect: "changed" }];
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

function earliest(...deadlines: (number | undefined)[]): number | undefined {
  const known = deadlines.filter((deadline) => deadline !== undefined && Number.isFinite(deadline));
  return known.length === 0 ? undefined : Math.min(...(known as number[]));
}
