/** Somebody who speaks to the server without our page: words and bytes of their own making. */
import { createSocket } from "node:dgram";
import { connect } from "node:net";
import { roomProtocols, type ServerMessage } from "@satsuma/protocol";
import { loopback } from "./ports.ts";
import type { Server } from "./server.ts";

/** A room token as anybody may have one. */
export async function tokenFor(server: Server, room: string, name: string): Promise<string> {
  const response = await fetch(`${server.url}/api/rooms/${room}/tokens`, {
    method: "POST",
    body: JSON.stringify({ name }),
  });
  if (response.status !== 201) throw new Error(`No token was given: ${response.status} ${await response.text()}`);
  return ((await response.json()) as { token: string }).token;
}

export interface Heard {
  readonly messages: readonly ServerMessage[];
  readonly close: { readonly code: number; readonly reason: string };
}

/** Sends frames as they are and resolves with everything that was heard once the server closes the socket. */
export function say(
  server: Server,
  room: string,
  frames: readonly (string | Uint8Array<ArrayBuffer>)[],
): Promise<Heard> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(`ws://${loopback}:${server.tcpPort}/rooms/${room}`);
    const messages: ServerMessage[] = [];
    socket.onopen = () => {
      for (const frame of frames) socket.send(frame);
    };
    socket.onmessage = ({ data }) => messages.push(JSON.parse(String(data)) as ServerMessage);
    socket.onclose = ({ code, reason }) => resolve({ messages, close: { code, reason } });
    socket.onerror = () => {
      if (socket.readyState === WebSocket.CONNECTING) reject(new Error("The socket could not be opened."));
    };
  });
}

/** A member of a room who says these frames after the hello, and then leaves. */
export async function sayAsMember(server: Server, room: string, frames: readonly string[]): Promise<Heard> {
  const token = await tokenFor(server, room, "Stranger");
  const hello = JSON.stringify({ type: "hello", protocols: roomProtocols, client: "c", token });
  const leave = JSON.stringify({ type: "command", id: 99, command: { do: "leave" } });
  return say(server, room, [hello, ...frames, leave]);
}

/** Writes these bytes right after a valid upgrade, and gives what came back until the server closed. */
export function writeAfterUpgrade(server: Server, room: string, bytes: Uint8Array): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(server.tcpPort, loopback);
    const key = Buffer.from("sixteen bytes ok").toString("base64");
    let heard = "";
    socket.write(
      `GET /rooms/${room} HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
        `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${key}\r\n\r\n`,
    );
    socket.once("data", () => socket.write(bytes));
    socket.on("data", (data) => {
      heard += data.toString("latin1");
      if (heard.includes("bad-message")) socket.end();
    });
    socket.on("close", () => resolve(heard));
    socket.on("error", reject);
  });
}

export interface Answer {
  readonly status: number;
  readonly body: { readonly [key: string]: unknown };
}

export async function call(url: string, method: string, bearer: string, body?: string): Promise<Answer> {
  const response = await fetch(url, {
    method,
    headers: { authorization: `Bearer ${bearer}` },
    ...(body === undefined ? {} : { body }),
  });
  return { status: response.status, body: (await response.json()) as Answer["body"] };
}

/** Sends datagrams to the media port and resolves when the last one has left. */
export async function throwAtMedia(server: Server, datagrams: readonly Uint8Array[]): Promise<void> {
  const socket = createSocket("udp4");
  for (const datagram of datagrams) {
    await new Promise<void>((resolve, reject) =>
      socket.send(datagram, server.udpPort, loopback, (error) => (error ? reject(error) : resolve())),
    );
  }
  socket.close();
}
