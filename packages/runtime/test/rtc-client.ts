/** A WebRTC client over loopback, libdatachannel at the other end of a real ICE, DTLS and SRTP connection. */
import datachannel, { type DataChannel, type PeerConnection, type Track } from "node-datachannel";
import { freeUdpPort } from "../../../scripts/ports.ts";
import { createSfu, type NodeSfu, type NodeSfuOptions } from "../src/node/sfu.ts";

export const secret = "secret-of-the-test";

export interface TestSfu extends NodeSfu {
  readonly port: number;
  readonly errors: unknown[];
  call(method: string, path: string, body?: unknown): Promise<{ status: number; json: Answer }>;
  session(): Promise<string>;
}

/** What the tests read of any answer. */
interface Answer {
  readonly sessionId?: string;
  readonly errorCode?: string;
  readonly sessionDescription?: { readonly type: string; readonly sdp: string };
  readonly tracks?: readonly {
    readonly mid?: string;
    readonly status?: string;
    readonly errorCode?: string;
    readonly sessionId?: string;
    readonly adapterId?: string;
    readonly bytesProcessed?: number;
  }[];
  readonly dataChannels?: readonly { readonly id?: number; readonly errorCode?: string }[];
}

export async function startSfu(
  limits: NodeSfuOptions["limits"] = {},
  media: Partial<NodeSfuOptions["media"]> = {},
  adapters: NodeSfuOptions["adapters"] = {},
  more: Partial<NodeSfuOptions> = {},
): Promise<TestSfu> {
  const port = await freeUdpPort(more.workers);
  const errors: unknown[] = [];
  const sfu = await createSfu({
    apps: [{ id: "app", secret }],
    media: { port, bindAddress: "127.0.0.1", advertise: undefined, ...media },
    limits,
    adapters,
    onError: (error) => errors.push(error),
    ...more,
  });
  const call: TestSfu["call"] = async (method, path, body) => {
    const headers = { authorization: `Bearer ${secret}` };
    const init = body === undefined ? { method, headers } : { method, headers, body: JSON.stringify(body) };
    const response = await sfu.fetch(new Request(`http://sfu/apps/app/${path}`, init));
    return { status: response.status, json: (await response.json()) as Answer };
  };
  const session = async () => (await call("POST", "sessions/new")).json.sessionId ?? "";
  return { ...sfu, port, errors, call, session };
}

export class Client {
  readonly #sfu: TestSfu;
  readonly #connection: PeerConnection;
  readonly session: string;
  state = "new";
  readonly received: Buffer[] = [];
  track: Track | undefined;
  readonly #channels: DataChannel[] = [];

  static async create(sfu: TestSfu): Promise<Client> {
    return new Client(sfu, await sfu.session());
  }

  constructor(sfu: TestSfu, session: string) {
    this.#sfu = sfu;
    this.session = session;
    this.#connection = new datachannel.PeerConnection("client", { iceServers: [], bindAddress: "127.0.0.1" });
    this.#connection.onStateChange((state) => {
      this.state = state;
    });
  }

  /** `change` edits the offer before it is sent. */
  async push(
    trackName: string,
    ssrc: number,
    change = (sdp: string) => sdp,
    kind: "audio" | "video" = "video",
  ): Promise<number> {
    const media = kind === "audio" ? opus() : vp8();
    media.addSSRC(ssrc, "client");
    this.#listen(this.#connection.addTrack(media));
    const sdp = change(await this.#described(() => this.#connection.setLocalDescription("offer")));
    const { status, json } = await this.#sfu.call("POST", `sessions/${this.session}/tracks/new`, {
      tracks: [{ location: "local", mid: "0", trackName }],
      sessionDescription: { type: "offer", sdp },
    });
    if (json.sessionDescription) this.#connection.setRemoteDescription(json.sessionDescription.sdp, "answer");
    return status;
  }

  /** The answer to `offer`. */
  accept(sdp: string): void {
    this.#connection.setRemoteDescription(sdp, "answer");
  }

  /** An offer of a picture, to be handed over by the test. */
  offer(): Promise<string> {
    this.#listen(this.#connection.addTrack(vp8()));
    return this.#described(() => this.#connection.setLocalDescription("offer"));
  }

  async pull(sessionId: string, trackName: string, simulcast?: { readonly preferredRid: string }): Promise<void> {
    const { json } = await this.#sfu.call("POST", `sessions/${this.session}/tracks/new`, {
      tracks: [{ location: "remote", sessionId, trackName, simulcast }],
    });
    const offered = json.sessionDescription?.sdp ?? "";
    this.#connection.onTrack((track) => this.#listen(track));
    const sdp = await this.#described(() => this.#connection.setRemoteDescription(offered, "offer"));
    const answered = await this.#sfu.call("PUT", `sessions/${this.session}/renegotiate`, {
      sessionDescription: { type: "answer", sdp },
    });
    if (answered.status !== 200) throw new Error(JSON.stringify(answered.json));
  }

  /** With data channels that are set up; gives the one that it opened for that by itself. */
  async establish(): Promise<DataChannel> {
    // A first channel is an offer by itself.
    const sdp = await this.#described(() => this.#channels.push(this.#connection.createDataChannel("server-events")));
    const [own] = this.#channels;
    if (own === undefined) throw new Error("A channel that was made is among the channels.");
    own.onClosed(() => {});
    const { json } = await this.#sfu.call("POST", `sessions/${this.session}/datachannels/establish`, {
      dataChannel: { location: "remote", dataChannelName: "server-events" },
      sessionDescription: { type: "offer", sdp },
    });
    this.#connection.setRemoteDescription(json.sessionDescription?.sdp ?? "", "answer");
    return own;
  }

  /** Publishes a data channel, or subscribes to one. */
  async channel(object: Record<string, unknown>): Promise<{ say(text: string): void; readonly heard: string[] }> {
    const { json } = await this.#sfu.call("POST", `sessions/${this.session}/datachannels/new`, {
      dataChannels: [object],
    });
    const [{ id, errorCode } = {}] = json.dataChannels ?? [];
    if (id === undefined || errorCode !== undefined) throw new Error(errorCode);
    const channel = this.#connection.createDataChannel("any", { negotiated: true, id });
    this.#channels.push(channel);
    const heard: string[] = [];
    channel.onMessage((message) => heard.push(String(message)));
    channel.onClosed(() => {});
    return { say: (text) => channel.isOpen() && channel.sendMessage(text), heard };
  }

  send(packet: Uint8Array): void {
    this.track?.sendMessageBinary(Buffer.from(packet));
  }

  close(): void {
    for (const channel of this.#channels) channel.close();
    this.#connection.close();
    this.track?.close();
  }

  #listen(track: Track): void {
    this.track = track;
    track.onClosed(() => {});
    track.onMessage((packet) => this.received.push(Buffer.from(packet)));
  }

  #described(start: () => void): Promise<string> {
    return new Promise((resolve) => {
      this.#connection.onLocalDescription((sdp) => resolve(sdp));
      start();
    });
  }
}

function vp8() {
  const video = new datachannel.Video("0", "SendOnly");
  video.addVP8Codec(96);
  return video;
}

function opus() {
  const audio = new datachannel.Audio("0", "SendOnly");
  audio.addOpusCodec(111);
  return audio;
}

/** A VP8 packet; with `key` it begins a key frame. */
export function videoPacket(ssrc: number, sequence: number, key: boolean, body: Uint8Array): Buffer {
  const header = Buffer.alloc(12);
  header.writeUInt8(0x80, 0);
  header.writeUInt8(96, 1);
  header.writeUInt16BE(sequence & 0xffff, 2);
  header.writeUInt32BE((sequence * 3_000) >>> 0, 4);
  header.writeUInt32BE(ssrc, 8);
  return Buffer.concat([header, Uint8Array.of(0x10, key ? 0x10 : 0x11), body]);
}

export function isMedia(packet: Buffer): boolean {
  const type = packet[1] ?? 0;
  return type < 192 || type > 223;
}
