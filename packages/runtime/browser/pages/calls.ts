/** A page that speaks the Calls API itself, one RTCPeerConnection a session, as Cloudflare's small examples do. */
import type {
  DataChannelObject,
  DataChannelsResponse,
  EstablishResponse,
  NewSessionResponse,
  RenegotiateResponse,
  SessionDescription,
  SessionStateResponse,
  SessionStats,
  TrackObject,
  TracksResponse,
} from "@satsuma/protocol";
import { camera, drawing, microphone, type Received, received, Tone } from "./media.ts";

export type Source = "camera" | "microphone" | "layers" | "three layers" | "drawing" | "wide camera" | "tone";

interface Pushed {
  readonly source: Source;
  /** Undefined where the server is to name it. */
  readonly trackName?: string;
  /** The only codec to offer: `video/VP9`. */
  readonly codec?: string;
  /** Layers inside of the one stream: `L3T3`. */
  readonly scalabilityMode?: string;
  readonly bidirectional?: boolean;
}

interface Member {
  readonly id: string;
  readonly connection: RTCPeerConnection;
  readonly announced: string[];
}

const encodings: Partial<Record<Source, RTCRtpEncodingParameters[]>> = {
  "three layers": [{ rid: "a" }, { rid: "b", scaleResolutionDownBy: 2 }, { rid: "c", scaleResolutionDownBy: 4 }],
};

let base = "";
let authorization = "";
const members = new Map<string, Member>();
const tones: Tone[] = [];
const channels = new Map<string, { readonly channel: RTCDataChannel; readonly heard: (string | number[])[] }>();

const page = {
  async open(name: string, url: string, bearer: string, query = ""): Promise<string> {
    base = url;
    authorization = bearer;
    const { sessionId } = await call<NewSessionResponse>("POST", `sessions/new${query}`);
    const connection = new RTCPeerConnection({ bundlePolicy: "max-bundle" });
    const announced: string[] = [];
    connection.ondatachannel = ({ channel }) => announced.push(channel.label);
    members.set(name, { id: sessionId, connection, announced });
    return sessionId;
  },

  /** Publishes on an offer of ours; without any name, under names of the server. */
  async push(name: string, pushed: Pushed[]): Promise<TracksResponse> {
    const { id, connection } = the(name);
    // In the order in which they are asked for, whatever device is ready first.
    const sources = await Promise.all(pushed.map(({ source }) => track(source)));
    const transceivers = pushed.map(({ source, codec, scalabilityMode, bidirectional }, index) => {
      const single: RTCRtpEncodingParameters & { scalabilityMode?: string } =
        scalabilityMode === undefined ? {} : { scalabilityMode };
      const transceiver = connection.addTransceiver(sources[index] ?? "video", {
        direction: bidirectional ? "sendrecv" : "sendonly",
        sendEncodings: source === "layers" ? layersOf(codec) : (encodings[source] ?? [single]),
      });
      if (codec !== undefined) only(transceiver, codec);
      return transceiver;
    });
    await connection.setLocalDescription();
    const tracks = pushed.flatMap(({ trackName, bidirectional }, index): TrackObject[] => {
      const mid = transceivers[index]?.mid ?? "";
      if (trackName === undefined) return [];
      return [{ location: "local", mid, trackName, ...(bidirectional && { bidirectionalMediaStream: true }) }];
    });
    const body = {
      sessionDescription: local(connection),
      ...(tracks.length > 0 ? { tracks } : { autoDiscover: true }),
    };
    const answer = await call<TracksResponse>("POST", `sessions/${id}/tracks/new`, body);
    await take(connection, answer.sessionDescription);
    return answer;
  },

  /** Pulls with an offer of the server's; `codec` leaves the answer that one alone. */
  async pull(
    name: string,
    tracks: TrackObject[],
    codec?: string,
  ): Promise<TracksResponse & { answered?: RenegotiateResponse }> {
    const { id, connection } = the(name);
    const pulled = await call<TracksResponse>("POST", `sessions/${id}/tracks/new`, { tracks });
    if (pulled.sessionDescription === undefined) return pulled;
    await take(connection, pulled.sessionDescription);
    if (codec !== undefined) for (const transceiver of connection.getTransceivers()) only(transceiver, codec);
    return { ...pulled, answered: await answer(name) };
  },

  /** Pulls onto m-lines that are there, which needs no description. */
  pullAttached: (name: string, tracks: TrackObject[]): Promise<TracksResponse> =>
    call("POST", `sessions/${the(name).id}/tracks/new`, { tracks }),

  /** Pulls on an offer of ours that receives these kinds. */
  async pullInto(
    name: string,
    kinds: ("audio" | "video")[],
    tracks: TrackObject[],
    codec?: string,
  ): Promise<TracksResponse> {
    const { id, connection } = the(name);
    for (const kind of kinds) {
      const transceiver = connection.addTransceiver(kind, { direction: "recvonly" });
      if (codec !== undefined && kind === "video") only(transceiver, codec);
    }
    await connection.setLocalDescription();
    const body = { tracks, sessionDescription: local(connection) };
    const pulled = await call<TracksResponse>("POST", `sessions/${id}/tracks/new`, body);
    await take(connection, pulled.sessionDescription);
    return pulled;
  },

  /** Publishes what the server invites, a source for each. */
  async invite(name: string, tracks: TrackObject[], sources: Source[]): Promise<TracksResponse> {
    const { id, connection } = the(name);
    const invited = await call<TracksResponse>("POST", `sessions/${id}/tracks/new`, { tracks });
    await take(connection, invited.sessionDescription);
    for (const [index, source] of sources.entries()) {
      const mid = invited.tracks?.[index]?.mid;
      const transceiver = connection.getTransceivers().find((candidate) => candidate.mid === mid);
      await transceiver?.sender.replaceTrack(await track(source));
      if (transceiver) transceiver.direction = tracks[index]?.bidirectionalMediaStream ? "sendrecv" : "sendonly";
    }
    await answer(name);
    return invited;
  },

  update: (name: string, tracks: TrackObject[]): Promise<TracksResponse> =>
    call("PUT", `sessions/${the(name).id}/tracks/update`, { tracks }),

  /** `stopped` are the mids that are really stopped here; by force nothing is said of m-lines. */
  async close(name: string, mids: string[], how: { force: boolean; stopped: string[] }): Promise<TracksResponse> {
    const { id, connection } = the(name);
    const tracks = mids.map((mid) => ({ mid }));
    if (how.force) return call("PUT", `sessions/${id}/tracks/close`, { tracks, force: true });
    for (const transceiver of connection.getTransceivers()) {
      if (how.stopped.includes(transceiver.mid ?? "")) transceiver.stop();
    }
    await connection.setLocalDescription();
    const body = { tracks, force: false, sessionDescription: local(connection) };
    const closed = await call<TracksResponse>("PUT", `sessions/${id}/tracks/close`, body);
    await take(connection, closed.sessionDescription);
    return closed;
  },

  state: (name: string): Promise<SessionStateResponse> => call("GET", `sessions/${the(name).id}`),

  counted: (name: string): Promise<SessionStats> => call("GET", `sessions/${the(name).id}/stats`),

  /** Packets on streams of retransmissions, as the browser counts them. */
  async repeated(name: string): Promise<{ sent: number; received: number }> {
    const sum = { sent: 0, received: 0 };
    for (const stats of (await the(name).connection.getStats()).values()) {
      if (stats.type === "outbound-rtp" && stats.rtxSsrc) sum.sent += stats.retransmittedPacketsSent ?? 0;
      if (stats.type === "inbound-rtp" && stats.rtxSsrc) sum.received += stats.retransmittedPacketsReceived ?? 0;
    }
    return sum;
  },

  /** Data channels by an offer of the server's, or by one of ours. */
  async establish(name: string, by: "server" | "us"): Promise<EstablishResponse> {
    const { id, connection } = the(name);
    const dataChannel = { location: "remote", dataChannelName: "server-events" };
    const path = `sessions/${id}/datachannels/establish`;
    if (by === "server") {
      const offered = await call<EstablishResponse>("POST", path, { dataChannel });
      await take(connection, offered.sessionDescription);
      await answer(name);
      return offered;
    }
    connection.createDataChannel("server-events");
    await connection.setLocalDescription();
    const answered = await call<EstablishResponse>("POST", path, {
      dataChannel,
      sessionDescription: local(connection),
    });
    await take(connection, answered.sessionDescription);
    return answered;
  },

  /** Publishes or subscribes, and opens the channel of that id; `key` names it here. */
  async channel(name: string, key: string, object: DataChannelObject): Promise<DataChannelsResponse> {
    const { id, connection } = the(name);
    const body = { dataChannels: [object] };
    const opened = await call<DataChannelsResponse>("POST", `sessions/${id}/datachannels/new`, body);
    const stream = opened.dataChannels?.[0]?.id;
    if (stream === undefined) return opened;
    const { ordered = true, maxRetransmits, maxPacketLifeTime } = object;
    const channel = connection.createDataChannel("any label", {
      negotiated: true,
      id: stream,
      ordered,
      ...(maxRetransmits !== undefined && { maxRetransmits }),
      ...(maxPacketLifeTime !== undefined && { maxPacketLifeTime }),
    });
    channel.binaryType = "arraybuffer";
    const heard: (string | number[])[] = [];
    channel.onmessage = ({ data }) => heard.push(typeof data === "string" ? data : [...new Uint8Array(data)]);
    channels.set(key, { channel, heard });
    return opened;
  },

  updateChannel: (name: string, object: DataChannelObject): Promise<DataChannelsResponse> =>
    call("PUT", `sessions/${the(name).id}/datachannels/update`, { dataChannels: [object] }),

  closeChannel: (name: string, id: number): Promise<DataChannelsResponse> =>
    call("PUT", `sessions/${the(name).id}/datachannels/close`, { dataChannels: [{ id }] }),

  say(key: string, message: string | number[]): void {
    const { channel } = channels.get(key) ?? {};
    if (typeof message === "string") channel?.send(message);
    else channel?.send(Uint8Array.from(message));
  },

  heard: (key: string): (string | number[])[] => channels.get(key)?.heard ?? [],
  channelState: (key: string): string | undefined => channels.get(key)?.channel.readyState,
  announced: (name: string): readonly string[] => the(name).announced,
  /** Frames of each layer that a session sends, by rid. */
  async sent(name: string): Promise<Record<string, number>> {
    const frames: Record<string, number> = {};
    for (const stats of (await the(name).connection.getStats()).values()) {
      if (stats.type === "outbound-rtp" && stats.rid !== undefined) frames[stats.rid] = stats.framesSent ?? 0;
    }
    return frames;
  },
  received: (name: string, mid?: string): Promise<Received> => received(the(name).connection, mid),
  /** Plays what comes: nothing is decoded that nobody hears. */
  play(name: string): void {
    for (const { receiver } of the(name).connection.getTransceivers()) {
      if (receiver.track.kind !== "audio") continue;
      const element = Object.assign(new Audio(), { srcObject: new MediaStream([receiver.track]), autoplay: true });
      document.body.append(element);
    }
  },
  /** How loud each tone is, in the order in which they were pushed; 1 is as loud as can be. */
  loudness: (volumes: readonly number[]): void =>
    tones.forEach((tone, index) => void tone.setVolume(volumes[index] ?? 0)),
};

export type CallsPage = typeof page;

Object.assign(window, { page });

/** VP9 and AV1 are simulcast only where each stream is told to have one spatial layer; else Chromium puts all into one. */
function layersOf(codec = ""): RTCRtpEncodingParameters[] {
  const mode = /VP9|AV1/.test(codec) ? { scalabilityMode: "L1T3" } : {};
  return [
    { rid: "a", ...mode },
    { rid: "b", scaleResolutionDownBy: 2, ...mode },
  ];
}

async function call<T>(method: string, path: string, body?: unknown): Promise<T> {
  // No content type of its own: the server has to take what fetch says of a text.
  const init = { method, headers: { authorization }, ...(body !== undefined && { body: JSON.stringify(body) }) };
  const response = await fetch(`${base}/${path}`, init);
  const json = (await response.json()) as T & { errorCode?: string; errorDescription?: string };
  if (json.errorCode !== undefined)
    throw new Error(`${path}: ${response.status} ${json.errorCode} ${json.errorDescription}`);
  return json;
}

async function answer(name: string): Promise<RenegotiateResponse> {
  const { id, connection } = the(name);
  await connection.setLocalDescription();
  return call("PUT", `sessions/${id}/renegotiate`, { sessionDescription: local(connection) });
}

async function take(connection: RTCPeerConnection, description: SessionDescription | undefined): Promise<void> {
  if (description === undefined) throw new Error("The answer has no description.");
  await connection.setRemoteDescription(description);
}

function local({ localDescription }: RTCPeerConnection): SessionDescription {
  if (localDescription === null) throw new Error("There is no description yet.");
  return { type: localDescription.type as "offer" | "answer", sdp: localDescription.sdp };
}

function only(transceiver: RTCRtpTransceiver, mimeType: string): void {
  const kind = mimeType.startsWith("audio") ? "audio" : "video";
  if (transceiver.receiver.track.kind !== kind) return;
  const { codecs = [] } = RTCRtpReceiver.getCapabilities(kind) ?? {};
  // Redundant audio is made of blocks of another codec.
  const others = mimeType === "audio/red" ? ["audio/opus"] : [`${kind}/rtx`];
  transceiver.setCodecPreferences(
    [mimeType, ...others].flatMap((type) => codecs.filter((codec) => codec.mimeType === type)),
  );
}

function track(source: Source): Promise<MediaStreamTrack> | MediaStreamTrack {
  switch (source) {
    case "camera":
      return camera();
    case "layers":
    case "wide camera":
      return camera(640, 480);
    case "three layers":
      return camera(1_280, 720);
    case "drawing":
      return drawing(480, 272);
    case "microphone":
      return microphone();
    case "tone": {
      const tone = new Tone();
      tones.push(tone);
      return tone.track;
    }
  }
}

function the(name: string): Member {
  const member = members.get(name);
  if (member === undefined) throw new Error(`There is no ${name}.`);
  return member;
}
