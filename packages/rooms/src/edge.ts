/**
 * Our own dialect at `/rooms/:room`: frames to inputs, effects to frames. The only file of this package that knows how
 * a message is spelled; another dialect is another file like this one over the same room.
 */
import {
  type ClientMessage,
  commandIdOf,
  parseClientMessage,
  type Refusal,
  refusal,
  roomProtocol,
  type ServerMessage,
} from "@satsuma/protocol";
import type { Effect } from "./effect.ts";
import type { Input, SocketId } from "./input.ts";
import type { OrangeEffect } from "./orange/effect.ts";

/** Effects that are a message of this dialect. */
type Told = Exclude<Effect, { effect: "close" | "release" | "ended" } | OrangeEffect>;

/** What a frame says. A hello becomes an input only when the shell has verified its token. */
export type Heard =
  | { readonly heard: "hello"; readonly token: string }
  | { readonly heard: "input"; readonly input: Input };

/** Reads one text frame of a socket. Never throws: what cannot be read becomes a `rejected`. */
export function hear(socket: SocketId, frame: string): Heard {
  const parsed = parseClientMessage(frame);
  if (!parsed.ok) return reject(socket, parsed.refusal, commandIdOf(frame));
  return heardAs(socket, parsed.value);
}

/** An effect that sends, as its frame. Closing, releasing and ending have none. */
export function tell(effect: Told): string {
  return JSON.stringify(messageOf(effect));
}

function heardAs(socket: SocketId, message: ClientMessage): Heard {
  switch (message.type) {
    case "hello":
      if (message.protocol !== roomProtocol) {
        return reject(socket, refusal("unsupported-protocol", `This server speaks room protocol ${roomProtocol}.`));
      }
      return { heard: "hello", token: message.token };
    case "command":
      return { heard: "input", input: { input: "command", socket, id: message.id, command: message.command } };
    case "resync":
      return { heard: "input", input: { input: "resync", socket } };
    case "ping":
      return { heard: "input", input: { input: "ping", socket } };
  }
}

function reject(socket: SocketId, why: Refusal, id?: number): Heard {
  return { heard: "input", input: { input: "rejected", socket, refusal: why, ...(id === undefined ? {} : { id }) } };
}

function messageOf(effect: Told): ServerMessage {
  switch (effect.effect) {
    case "welcome": {
      const { participant, pingInterval, grace } = effect;
      return { type: "welcome", protocol: roomProtocol, participant, pingInterval, grace };
    }
    case "snapshot":
      return { type: "snapshot", state: effect.state };
    case "delta":
      return { type: "delta", ...effect.delta };
    case "ack":
      return { type: "ack", id: effect.id, version: effect.version };
    case "error":
      return { type: "error", ...effect.refusal, ...(effect.id === undefined ? {} : { id: effect.id }) };
    case "pong":
      return { type: "pong" };
  }
}
