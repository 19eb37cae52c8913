/** A session with a clock turned by hand, and the words that its tests say. */
import {
  type ClientMessage,
  emptyPresence,
  emptyRoom,
  type Participant,
  roomProtocols,
  type ServerMessage,
  type Track,
} from "@satsuma/protocol";
import { SessionCore } from "../src/session/core.ts";
import type { SessionEffect, SessionInput } from "../src/session/words.ts";

export const microphone: Track = { name: "a", kind: "audio", source: "microphone", session: "s1", muted: false };

export function participant(id: string, tracks: readonly Track[] = []): Participant {
  return {
    id,
    identity: id,
    name: id,
    role: "speaker",
    joinedAt: 0,
    connection: "connected",
    tracks,
    attributes: {},
  };
}

export function welcomed(joinedAt: number): ServerMessage {
  return {
    type: "welcome",
    protocol: 2,
    participant: "me",
    you: { role: "speaker", grants: [], joinedAt, name: "me" },
    lineage: "l1",
    resumed: false,
    pingInterval: 5000,
    grace: 10_000,
  };
}

export function snapshot(version: number, participants: readonly Participant[]): ServerMessage {
  return { type: "snapshot", state: { ...emptyRoom, version, participants }, presence: emptyPresence, chat: 0 };
}

export function hello(resume = {}): ClientMessage {
  return { type: "hello", protocols: roomProtocols, token: "t", client: "c1", ...resume };
}

/** A session with a clock turned by hand, and a record of what it asked for. */
export class Bench {
  now = 0;
  readonly core = new SessionCore({
    policy: ({ failures, worked }) => (!worked && failures >= 3 ? undefined : 1000),
    client: "c1",
  });
  sent: ClientMessage[] = [];
  done: string[] = [];
  effects: SessionEffect[] = [];
  socket = 0;

  do(input: SessionInput): void {
    for (const effect of this.core.handle(input, this.now)) this.#note(effect);
  }

  hear(message: ServerMessage): void {
    this.do({ input: "message", socket: this.socket, message });
  }

  snapshot(version: number, tracks: readonly Track[] = []): void {
    this.hear(snapshot(version, [participant("me", tracks), participant("ada")]));
  }

  /** The room does the first command, which is to publish this. */
  published(track: Track): void {
    this.hear({ type: "delta", after: 1, version: 2, changes: [{ change: "published", id: "me", track }] });
    this.hear({ type: "ack", id: 1, version: 2 });
  }

  close(reason = ""): void {
    this.do({ input: "closed", socket: this.socket, reason });
  }

  /** Lets time pass, ringing whenever the core asked for it. */
  pass(milliseconds: number): void {
    const end = this.now + milliseconds;
    for (let due = this.core.nextDeadline(); due !== undefined && due <= end; due = this.core.nextDeadline()) {
      this.now = Math.max(this.now, due);
      this.do({ input: "tick" });
    }
    this.now = end;
  }

  join(): void {
    this.do({ input: "join" });
    this.do({ input: "token", token: "t" });
    this.do({ input: "opened", socket: this.socket });
    this.hear(welcomed(0));
    this.snapshot(1);
  }

  get state(): string {
    return this.core.view().connection.state;
  }

  commands() {
    return this.sent.flatMap((message) => (message.type === "command" ? [message.command] : []));
  }

  #note(effect: SessionEffect): void {
    if (effect.effect === "send") this.sent.push(effect.message);
    else this.done.push(effect.effect);
    this.effects.push(effect);
    if (effect.effect === "open") this.socket = effect.socket;
  }
}
