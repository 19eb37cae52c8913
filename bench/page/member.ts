/**
 * Somebody in the room who is no browser: a socket, a media session, and a connection that sends what was encoded.
 */
import { roomProtocols, type ServerMessage } from "@satsuma/protocol";
import type { Server } from "../../apps/meet/test/stage/server.ts";
import { tokenFor } from "../../apps/meet/test/stage/stranger.ts";
import { type Parameters, parametersOf } from "../forward/sdp.ts";
import { frameRate, type Media } from "./media.ts";
import { Peer } from "./peer.ts";

const payload = { audio: 111, video: 96 } as const;
const ssrc = { audio: 0x5a75_0011, video: 0x5a75_0012 } as const;
/** Bytes of picture in one packet. */
const most = 1_100;
/** One-byte extension of RFC 6464, and what it says of a voice and of silence, in -dBov. */
const levelExtension = 1;
const levels = { voice: 25, silence: 127 } as const;

export interface Joining {
  readonly server: Server;
  readonly room: string;
  readonly name: string;
  /** UDP, for this member alone. */
  readonly port: number;
  readonly media: Media;
  readonly speaks: boolean;
}

export class Member {
  readonly #peer: Peer;
  readonly #socket: WebSocket;
  readonly #media: Media;
  readonly #speaks: boolean;
  readonly #pings: NodeJS.Timeout;
  readonly #sequence = { audio: 0, video: 0 };
  #frame = 0;
  #frames = 0;
  #packets = 0;

  private constructor(peer: Peer, socket: WebSocket, media: Media, speaks: boolean) {
    this.#peer = peer;
    this.#socket = socket;
    this.#media = media;
    this.#speaks = speaks;
    this.#pings = setInterval(() => socket.send(JSON.stringify({ type: "ping" })), 4_000);
  }

  static async join({ server, room, name, port, media, speaks }: Joining): Promise<Member> {
    const token = await tokenFor(server, room, name);
    const socket = await enter(server, room, token);
    let member: Member | undefined;
    const peer = await Peer.open(port, (packet) => {
      if (asksForKeyframe(packet)) member?.restart();
    });
    const call = async (method: string, path: string, body?: object) => {
      const response = await fetch(`${server.url}/rooms/${room}/sfu/sessions/${path}`, {
        method,
        headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
        ...(body && { body: JSON.stringify(body) }),
      });
      return (await response.json()) as { sessionId: string; sessionDescription?: { sdp: string } };
    };
    const { sessionId: session } = await call("POST", "new");
    const { sessionDescription } = await call("POST", `${session}/tracks/new`, {
      tracks: [
        { location: "local", mid: "0", trackName: "voice" },
        { location: "local", mid: "1", trackName: "face" },
      ],
      sessionDescription: { type: "offer", sdp: offerOf(peer.local) },
    });
    if (sessionDescription === undefined) throw new Error("The media server gave no answer.");
    await peer.accept(parametersOf(sessionDescription.sdp));
    const tracks = [
      { name: "voice", kind: "audio", source: "microphone", session, muted: !speaks },
      { name: "face", kind: "video", source: "camera", session, muted: false },
    ];
    socket.send(JSON.stringify({ type: "command", id: 1, command: { do: "publish", tracks } }));
    member = new Member(peer, socket, media, speaks);
    return member;
  }

  /** Somebody needs a keyframe. */
  restart(): void {
    this.#frame = 0;
  }

  /** To be called every 20 ms. `now` in ms since the beginning. */
  send(now: number): void {
    const { voice, silence, frames } = this.#media;
    const packets = this.#speaks ? voice : silence;
    const sound = packets[this.#packets % packets.length];
    if (sound) this.#packet("audio", this.#packets * 960, false, sound);
    this.#packets += 1;
    if (now * frameRate < this.#frames * 1_000) return;
    const picture = frames[this.#frame % frames.length];
    this.#frame += 1;
    const time = Math.round((this.#frames * 90_000) / frameRate);
    this.#frames += 1;
    if (!picture) return;
    for (let at = 0; at < picture.bytes.length; at += most) {
      const end = Math.min(picture.bytes.length, at + most);
      // The descriptor of RFC 7741 at its shortest: the first packet of a frame says so.
      const descriptor = Buffer.from([at === 0 ? 0x10 : 0x00]);
      const part = Buffer.concat([descriptor, picture.bytes.subarray(at, end)]);
      this.#packet("video", time, end === picture.bytes.length, part);
    }
  }

  /** Goes for good: the room keeps no place, and the media server no session. */
  close(): void {
    clearInterval(this.#pings);
    this.#socket.send(JSON.stringify({ type: "command", id: 2, command: { do: "leave" } }));
    this.#socket.close();
    this.#peer.close();
  }

  #packet(kind: "audio" | "video", time: number, marker: boolean, body: Buffer): void {
    const header = Buffer.alloc(kind === "audio" ? 20 : 12);
    header[0] = kind === "audio" ? 0x90 : 0x80;
    header[1] = payload[kind] | (marker ? 0x80 : 0);
    header.writeUInt16BE(this.#sequence[kind] & 0xffff, 2);
    header.writeUInt32BE(time >>> 0, 4);
    header.writeUInt32BE(ssrc[kind], 8);
    if (kind === "audio") {
      const level = this.#speaks ? 0x80 | levels.voice : levels.silence;
      header.set([0xbe, 0xde, 0, 1, levelExtension << 4, level, 0, 0], 12);
    }
    this.#sequence[kind] += 1;
    this.#peer.send(Buffer.concat([header, body]));
  }
}

function enter(server: Server, room: string, token: string): Promise<WebSocket> {
  const socket = new WebSocket(`${server.url.replace("http", "ws")}/rooms/${room}`);
  return new Promise((resolve, reject) => {
    socket.onopen = () =>
      socket.send(JSON.stringify({ type: "hello", protocols: roomProtocols, client: crypto.randomUUID(), token }));
    socket.onmessage = ({ data }) => {
      if ((JSON.parse(String(data)) as ServerMessage).type === "welcome") resolve(socket);
    };
    socket.onclose = ({ reason }) => reject(new Error(`The room closed the socket: ${reason}`));
  });
}

/** PLI or FIR (RFC 4585 §6.3.1, RFC 5104 §4.3.1) anywhere in a compound packet. */
function asksForKeyframe(bytes: Uint8Array): boolean {
  const packet = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 0; at + 4 <= packet.length; at += 4 * (packet.readUInt16BE(at + 2) + 1)) {
    if (packet[at + 1] === 206 && [1, 4].includes((packet[at] ?? 0) & 0x1f)) return true;
  }
  return false;
}

function offerOf({ iceUfrag, icePwd, fingerprint, setup, candidates }: Parameters): string {
  const transport = [
    `a=ice-ufrag:${iceUfrag}`,
    `a=ice-pwd:${icePwd}`,
    `a=fingerprint:${fingerprint}`,
    `a=setup:${setup}`,
    ...candidates.map((candidate) => `a=candidate:${candidate}`),
  ];
  const track = (kind: "audio" | "video", mid: number, lines: readonly string[]) => [
    `m=${kind} 9 UDP/TLS/RTP/SAVPF ${payload[kind]}`,
    "c=IN IP4 0.0.0.0",
    `a=mid:${mid}`,
    "a=sendonly",
    "a=rtcp-mux",
    ...lines,
    `a=msid:${kind} ${kind}`,
    `a=ssrc:${ssrc[kind]} cname:member`,
    ...transport,
  ];
  const all = [
    ...["v=0", "o=- 1 1 IN IP4 127.0.0.1", "s=-", "t=0 0", "a=group:BUNDLE 0 1"],
    ...track("audio", 0, [
      `a=rtpmap:${payload.audio} opus/48000/2`,
      `a=extmap:${levelExtension} urn:ietf:params:rtp-hdrext:ssrc-audio-level`,
    ]),
    ...track("video", 1, [`a=rtpmap:${payload.video} VP8/90000`, `a=rtcp-fb:${payload.video} nack pli`]),
  ];
  return `${all.join("\r\n")}\r\n`;
}
