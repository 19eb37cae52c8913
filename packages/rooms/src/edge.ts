/**
 * Our own dialect at `/rooms/:room`: frames to inputs. The only file of this package that reads frames; another dialect is
 * another file like this one over the same room.
 */
import {
  type ClientMessage,
  commandIdOf,
  parseClientMessage,
  type Refusal,
  type Resume,
  refusal,
  roomProtocols,
  type ServerMessage,
} from "@satsuma/protocol";
import type { Input, SocketId } from "./input.ts";

/** What a frame says. A hello and a new passcode become inputs only when the shell has done its part. */
export type Heard =
  /** The token is to be verified, and the passcode compared with `Room.passcode`, if there is one. */
  | {
      readonly heard: "hello";
      readonly protocol: number;
      readonly token: string;
      readonly client: string;
      readonly passcode?: string | undefined;
      readonly resume?: Resume | undefined;
    }
  /** To be hashed: the input is a `set-passcode` with the hash, under this id. */
  | { readonly heard: "passcode"; readonly id: number; readonly passcode: string }
  | { readonly heard: "input"; readonly input: Input };

/** Reads one text frame of a socket. Never throws: what cannot be read becomes a `rejected`. */
export function hear(socket: SocketId, frame: string): Heard {
  const parsed = parseClientMessage(frame);
  if (!parsed.ok) return reject(socket, parsed.refusal, commandIdOf(frame));
  return heardAs(socket, parsed.value, frame.length);
}

/** A message as its frame. */
export function tell(message: ServerMessage): string {
  return JSON.stringify(message);
}

function heardAs(socket: SocketId, message: ClientMessage, size: number): Heard {
  switch (message.type) {
    case "hello": {
      const { protocols, token, client, passcode, resume } = message;
      const protocol = roomProtocols.find((ours) => protocols.includes(ours));
      if (protocol === undefined) {
        return reject(
          socket,
          refusal("unsupported-protocol", `This server speaks room protocol ${roomProtocols.join(", ")}.`),
        );
      }
      return { heard: "hello", protocol, token, client, passcode, resume };
    }
    case "command": {
      const { id, command } = message;
      if (command.do !== "set-passcode") {
        return { heard: "input", input: { input: "command", socket, id, command, size } };
      }
      if (command.passcode !== null) return { heard: "passcode", id, passcode: command.passcode };
      return { heard: "input", input: { input: "command", socket, id, command: { do: "set-passcode", hash: null } } };
    }
    case "signal": {
      const { type: _, ...signal } = message;
      return { heard: "input", input: { input: "signal", socket, signal } };
    }
    case "report": {
      const { type: _, ...report } = message;
      return { heard: "input", input: { input: "report", socket, report, size } };
    }
    case "resync":
      return { heard: "input", input: { input: "resync", socket } };
    case "ping":
      return { heard: "input", input: { input: "ping", socket } };
  }
}

function reject(socket: SocketId, why: Refusal, id?: number): Heard {
  return { heard: "input", input: { input: "rejected", socket, refusal: why, ...(id === undefined ? {} : { id }) } };
}
