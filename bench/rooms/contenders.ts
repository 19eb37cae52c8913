import { createHmac } from "node:crypto";
import { RoomTokens } from "@satsuma/runtime/node";
import type { Contender, Guest } from "./contender.ts";

const times = <T>(count: number, make: (index: number) => T): T[] => Array.from({ length: count }, (_, i) => make(i));

/** Our own dialect: a member renames themselves, which is stored, versioned, told as a delta and acknowledged. */
export const satsuma: Contender = {
  name: "Satsuma",
  child: "satsuma.child.ts",
  async prepare({ key }, members) {
    const tokens = new RoomTokens({ key: Buffer.from(String(key), "base64url") }, Date.now);
    const issued = await Promise.all(times(members, (index) => tokens.issue("bench", `Member ${index}`)));
    return issued.map(({ token }) => ({
      path: "/rooms/bench",
      hello: JSON.stringify({ type: "hello", protocols: [2], client: "bench", token }),
    }));
  },
  welcome: '"snapshot"',
  update: (mark) => JSON.stringify({ type: "command", id: ++commands, command: { do: "rename", name: mark } }),
  keepAlive: { everyMs: 5_000, text: '{"type":"ping"}' },
};
let commands = 0;

/** The least there can be: whoever says something is repeated to all. `bytes` long, as ours is. */
export function bareWs(bytes: number): Contender {
  return {
    name: "bare ws broadcast",
    child: "ws.child.ts",
    prepare: async (_, members) => times(members, (): Guest => ({ path: "/", hello: "hello" })),
    welcome: "welcome",
    update: (mark) => mark.padEnd(bytes, "x"),
  };
}

/** socket.io 4 over WebSocket alone: Engine.IO's `0` opens, Socket.IO's `40` connects, `42` is an event. */
export function socketIo(bytes: number): Contender {
  return {
    name: "socket.io room",
    child: "socketio.child.ts",
    prepare: async (_, members) =>
      times(members, (): Guest => ({ path: "/socket.io/?EIO=4&transport=websocket", hello: "40" })),
    welcome: "welcome",
    update: (mark) => `42["update","${mark.padEnd(bytes, "x")}"]`,
    pinged: { frame: Buffer.from([0x81, 0x01, 0x32]), answer: "3" },
  };
}

/** Our server in Orange's dialect: whole states, but not one for each change. */
export const orangeDialect: Contender = {
  name: "Satsuma, Orange's dialect",
  child: "satsuma.child.ts",
  prepare: async ({ key }, members) =>
    times(members, (index): Guest => {
      const name = `Member ${index}`;
      const id = `00000000-0000-4000-8000-${String(index).padStart(12, "0")}`;
      const cookie = `__session=${encodeURIComponent(sessionOf(name, String(key)))}`;
      return { path: `/parties/rooms/bench?_pk=${id}`, headers: { cookie }, upon: userUpdate(id, name) };
    }),
  welcome: '"roomState"',
  // The name is not the client's to change, so the mark is in a field that Orange does not know.
  update: (mark) => userUpdate("00000000-0000-4000-8000-000000000000", "Member 0", { mark }),
  keepAlive: { everyMs: 5_000, text: '{"type":"heartbeat"}' },
};

/** As Remix signs it. */
function sessionOf(username: string, secret: string): string {
  const data = Buffer.from(JSON.stringify({ username })).toString("base64");
  return `${data}.${createHmac("sha256", secret).update(data).digest("base64").replace(/=+$/, "")}`;
}

/** Orange's design: each change sends the whole state to all. */
export const orange: Contender = {
  name: "full state to all (Orange's design)",
  child: "orange.child.ts",
  prepare: async (_, members) =>
    times(members, (index): Guest => {
      const id = crypto.randomUUID();
      return { path: `/parties/rooms/bench?_pk=${id}`, upon: userUpdate(id, `Member ${index}`) };
    }),
  welcome: '"roomState"',
  update: (mark) => userUpdate("00000000-0000-4000-8000-000000000000", mark),
  keepAlive: { everyMs: 5_000, text: '{"type":"heartbeat"}' },
};

function userUpdate(id: string, name: string, more: object = {}): string {
  const session = "b6b3b3f0b6b3b3f0b6b3b3f0b6b3b3f0";
  const tracks = {
    audio: `${session}/3d1c5d1e-0d5b-4d6e-9a55-0f3c4f6b7a10`,
    audioEnabled: true,
    audioUnavailable: false,
    video: `${session}/3d1c5d1e-0d5b-4d6e-9a55-0f3c4f6b7a11`,
    videoEnabled: true,
    screenshare: `${session}/3d1c5d1e-0d5b-4d6e-9a55-0f3c4f6b7a12`,
    screenShareEnabled: false,
  };
  const user = { id, name, transceiverSessionId: session, raisedHand: false, speaking: false, joined: true, tracks };
  return JSON.stringify({ type: "userUpdate", user: { ...user, ...more } });
}
