/**
 * The real room core in a shell of memory: sockets by number, records in a map, the alarm on the model's clock. It can be
 * ended at any time; another one then begins from what was stored, as after a crash.
 */
import { errors, type Refusal, refusal, type TrackSource } from "@satsuma/protocol";
import {
  type Claims,
  defaultRoomSettings,
  type Effect,
  hear,
  type Input,
  Room,
  type RoomSettings,
  restorable,
  tell,
} from "@satsuma/rooms";
import type { Clock, Planned } from "./clock.ts";

/** The server's end of a socket. */
export interface Line {
  send(frame: string): void;
  close(code: number, reason: string): void;
}

export interface RoomServerContext {
  readonly clock: Clock;
  /** Who a token is good for. */
  readonly verify: (token: string) => Claims | Refusal;
  readonly release: (sessions: readonly string[]) => void;
  readonly stop: (tracks: readonly { readonly session: string; readonly name: string }[]) => void;
  /** A moderator has switched off something that was on. */
  readonly switchedOff: (participant: string, source: TrackSource) => void;
  readonly putOut: (participant: string) => void;
}

const settings: RoomSettings = { ...defaultRoomSettings };

export class RoomServer {
  room: Room;
  readonly #context: RoomServerContext;
  readonly #lines = new Map<number, Line>();
  readonly #joined = new Set<number>();
  readonly #stored = new Map<string, string>();
  #lives = 1;
  #sockets = 0;
  #alarm: Planned | undefined;

  constructor(context: RoomServerContext) {
    this.#context = context;
    this.room = new Room(settings, "life-1");
  }

  open(line: Line): number {
    this.#sockets += 1;
    const socket = this.#sockets;
    this.#lines.set(socket, line);
    this.play({ input: "opened", socket });
    return socket;
  }

  frame(socket: number, frame: string): void {
    if (!this.#lines.has(socket)) return;
    const heard = hear(socket, frame);
    if (heard.heard === "input") this.play(heard.input);
    if (heard.heard !== "hello") return;
    const { token, protocol, client, resume } = heard;
    const claims = this.#context.verify(token);
    if ("code" in claims) this.play({ input: "rejected", socket, refusal: claims });
    else this.play({ input: "hello", socket, claims, protocol, client, resume });
  }

  lost(socket: number): void {
    if (!this.#lines.delete(socket)) return;
    this.#joined.delete(socket);
    this.play({ input: "closed", socket });
  }

  play(input: Input): void {
    const removing = input.input === "command" && input.command.do === "remove" ? input.command.id : undefined;
    const wasThere = this.#isThere(removing);
    const before = moderates(input) ? this.#on(input.command.id) : [];
    for (const effect of this.room.handle(input, this.#now)) this.#perform(effect);
    if (moderates(input)) {
      const { id } = input.command;
      const after = this.#on(id);
      for (const source of before) if (!after.includes(source)) this.#context.switchedOff(id, source);
    }
    if (removing !== undefined && wasThere && !this.#isThere(removing)) this.#context.putOut(removing);
    this.#setAlarm();
  }

  /** When somebody's present stay began; undefined of who is not on stage. */
  stayOf(participant: string): number | undefined {
    return this.room.state.participants.find(({ id }) => id === participant)?.joinedAt;
  }

  /** The process is killed: what was stored is all there is, and every socket is gone. */
  restart(): void {
    const lines = [...this.#lines.values()];
    this.#lines.clear();
    this.#joined.clear();
    this.#lives += 1;
    this.room = Room.restore(settings, this.#loaded(), this.#now, `life-${this.#lives}`);
    for (const line of lines) line.close(1006, "");
    this.#setAlarm();
  }

  /** Texts of the chat as it is kept, in order. */
  chat(): string[] {
    return this.#records("chat:").flatMap(([, record]) => {
      const { text } = record as { readonly text?: string };
      return text ?? [];
    });
  }

  /** Milliseconds since the epoch, as rooms count them. */
  get #now(): number {
    return 1_700_000_000_000 + this.#context.clock.now;
  }

  #isThere(participant: string | undefined): boolean {
    return this.room.people().some(({ id }) => id === participant);
  }

  #on(participant: string): TrackSource[] {
    const tracks = this.room.state.participants.find(({ id }) => id === participant)?.tracks ?? [];
    return tracks.filter(({ muted }) => !muted).map(({ source }) => source);
  }

  #loaded(): [string, unknown][] {
    return restorable.flatMap(({ prefix, last }) => this.#records(prefix).slice(0, last));
  }

  /** Newest first. */
  #records(prefix: string, below = `${prefix}\uffff`): [string, unknown][] {
    const keys = [...this.#stored.keys()].filter((key) => key.startsWith(prefix) && key < below);
    return keys
      .sort()
      .reverse()
      .map((key) => [key, JSON.parse(this.#stored.get(key) ?? "null")]);
  }

  #setAlarm(): void {
    if (this.#alarm) this.#alarm.cancelled = true;
    const at = this.room.nextDeadline();
    const room = this.room;
    this.#alarm =
      at === undefined
        ? undefined
        : this.#context.clock.plan(at - this.#now, () => this.room === room && this.play({ input: "wake" }));
  }

  #perform(effect: Effect): void {
    switch (effect.effect) {
      case "store":
        for (const [key, value] of effect.puts) this.#stored.set(key, JSON.stringify(value));
        for (const key of effect.deletes) this.#stored.delete(key);
        break;
      case "send": {
        const frame = tell(effect.message);
        for (const socket of effect.to === "everyone" ? this.#joined : effect.to) {
          this.#lines.get(socket)?.send(frame);
          if (effect.message.type === "welcome") this.#joined.add(socket);
        }
        break;
      }
      case "close": {
        const line = this.#lines.get(effect.to);
        this.#lines.delete(effect.to);
        this.#joined.delete(effect.to);
        const code = effect.reason === "left" ? 1000 : errors[effect.reason].close;
        line?.close(code, effect.reason);
        break;
      }
      case "release":
        this.#context.release(effect.sessions);
        break;
      case "stop":
        this.#context.stop(effect.tracks);
        break;
      case "history": {
        const { effect: _, ...request } = effect;
        const records = this.#records(effect.prefix, effect.below).slice(0, effect.limit);
        this.play({ input: "history", request, records });
        break;
      }
    }
  }
}

type Moderating = Extract<Input, { readonly input: "command" }> & { readonly command: { readonly id: string } };

function moderates(input: Input): input is Moderating {
  return (
    input.input === "command" &&
    (input.command.do === "stop" || (input.command.do === "silence" && input.command.id !== undefined))
  );
}

export const expired = refusal("bad-token", "The token has expired.");
