/** A page for bad networks: publishes one camera in layers, or watches what another publishes and says how that goes. */
import type { NewSessionResponse, SessionDescription, Simulcast, TracksResponse } from "@satsuma/protocol";

export interface Layer {
  readonly rid: string;
  readonly scaleResolutionDownBy: number;
  /** bits/s. */
  readonly maxBitrate: number;
}

export interface Camera {
  readonly width: number;
  readonly height: number;
  readonly frameRate: number;
  /** From the best to the least. */
  readonly layers: readonly Layer[];
}

/** What a viewer has seen since it began; times in ms. */
export interface Seen {
  readonly at: number;
  /** From asking for the track until the first frame was there to be shown. */
  readonly firstFrame: number | undefined;
  readonly frames: number;
  /** Time in which one frame stood for longer than `frozenAfter`, the one that stands now included. */
  readonly frozen: number;
  readonly freezes: number;
  readonly width: number;
  readonly height: number;
  readonly bytes: number;
  readonly lost: number;
  readonly nacks: number;
  readonly keyframeRequests: number;
  /** Samples of sound, and those of them that were made up for lost ones. */
  readonly samples: number;
  readonly concealed: number;
}

export interface Sent {
  readonly rid: string;
  readonly width: number;
  readonly frames: number;
  readonly bytes: number;
  readonly target: number;
  readonly limitation: string;
}

interface View {
  readonly connection: RTCPeerConnection;
  readonly video: HTMLVideoElement;
  readonly began: number;
  firstFrame: number | undefined;
  lastFrame: number | undefined;
  frozen: number;
  freezes: number;
}

/**
 * ms that a frame may stand before that counts as frozen: as webrtc-stats has it for 15 frames a second, three frames and
 * some more. Its own `totalFreezesDuration` hears of a freeze only when it is over, and of one at the end never.
 */
const frozenAfter = 217;

const views = new Map<string, View>();
let publisher: RTCPeerConnection | undefined;

const page = {
  /** Gives the session; the tracks are `picture` and `sound`. */
  async publish(base: string, bearer: string, { width, height, frameRate, layers }: Camera): Promise<string> {
    const call = caller(base, bearer);
    const { sessionId } = await call<NewSessionResponse>("POST", "sessions/new");
    const stream = await navigator.mediaDevices.getUserMedia({ audio: true, video: { width, height, frameRate } });
    const connection = new RTCPeerConnection({ bundlePolicy: "max-bundle" });
    publisher = connection;
    const [picture] = stream.getVideoTracks();
    const [sound] = stream.getAudioTracks();
    if (picture === undefined || sound === undefined) throw new Error("There is no camera.");
    const transceivers = [
      connection.addTransceiver(picture, { direction: "sendonly", sendEncodings: [...layers] }),
      connection.addTransceiver(sound, { direction: "sendonly" }),
    ];
    await connection.setLocalDescription();
    const tracks = ["picture", "sound"].map((trackName, index) => ({
      location: "local" as const,
      mid: transceivers[index]?.mid ?? "",
      trackName,
    }));
    const body = { tracks, sessionDescription: local(connection) };
    const { sessionDescription } = await call<TracksResponse>("POST", `sessions/${sessionId}/tracks/new`, body);
    await take(connection, sessionDescription);
    return sessionId;
  },

  async watch(name: string, base: string, bearer: string, session: string, simulcast?: Simulcast): Promise<void> {
    const began = performance.now();
    const call = caller(base, bearer);
    const { sessionId } = await call<NewSessionResponse>("POST", "sessions/new");
    const connection = new RTCPeerConnection({ bundlePolicy: "max-bundle" });
    const video = document.createElement("video");
    Object.assign(video, { autoplay: true, muted: true, width: 320, height: 180 });
    document.body.append(video);
    const view: View = { connection, video, began, firstFrame: undefined, lastFrame: undefined, frozen: 0, freezes: 0 };
    views.set(name, view);
    const stream = new MediaStream();
    connection.ontrack = ({ track }) => {
      stream.addTrack(track);
      if (track.kind === "video") video.srcObject = stream;
    };
    follow(view);
    const tracks = ["picture", "sound"].map((trackName) => ({
      location: "remote" as const,
      sessionId: session,
      trackName,
      ...(simulcast !== undefined && trackName === "picture" && { simulcast }),
    }));
    const pulled = await call<TracksResponse>("POST", `sessions/${sessionId}/tracks/new`, { tracks });
    await take(connection, pulled.sessionDescription);
    await connection.setLocalDescription();
    await call("PUT", `sessions/${sessionId}/renegotiate`, { sessionDescription: local(connection) });
  },

  async seen(name: string): Promise<Seen> {
    const view = views.get(name);
    if (view === undefined) throw new Error(`There is no ${name}.`);
    const { connection, began, firstFrame, lastFrame, frozen, freezes } = view;
    // Who has seen nothing yet looks at a picture that stands, too.
    const standing = performance.now() - (lastFrame ?? began);
    const stands = standing > frozenAfter;
    const sum = {
      frames: 0,
      width: 0,
      height: 0,
      bytes: 0,
      lost: 0,
      nacks: 0,
      keyframeRequests: 0,
      samples: 0,
      concealed: 0,
    };
    for (const stats of (await connection.getStats()).values()) {
      if (stats.type !== "inbound-rtp") continue;
      sum.bytes += stats.bytesReceived + stats.headerBytesReceived;
      sum.lost += stats.packetsLost;
      if (stats.kind === "audio") {
        sum.samples += stats.totalSamplesReceived;
        sum.concealed += stats.concealedSamples;
        continue;
      }
      sum.frames += stats.framesDecoded;
      sum.width = stats.frameWidth ?? 0;
      sum.height = stats.frameHeight ?? 0;
      sum.nacks += stats.nackCount;
      sum.keyframeRequests += stats.pliCount + stats.firCount;
    }
    return {
      at: performance.now(),
      firstFrame: firstFrame && firstFrame - began,
      frozen: frozen + (stands ? standing : 0),
      freezes: freezes + (stands ? 1 : 0),
      ...sum,
    };
  },

  async sent(): Promise<Sent[]> {
    const sent: Sent[] = [];
    for (const stats of (await publisher?.getStats())?.values() ?? []) {
      if (stats.type !== "outbound-rtp" || stats.kind !== "video") continue;
      sent.push({
        rid: stats.rid ?? "",
        width: stats.frameWidth ?? 0,
        frames: stats.framesEncoded,
        bytes: stats.bytesSent + stats.headerBytesSent,
        target: stats.targetBitrate ?? 0,
        limitation: stats.qualityLimitationReason ?? "",
      });
    }
    return sent.toSorted((a, b) => a.rid.localeCompare(b.rid));
  },

  leave(name: string): void {
    const view = views.get(name);
    view?.connection.close();
    view?.video.remove();
    views.delete(name);
  },
};

export type NetworkPage = typeof page;

Object.assign(window, { page });

/** Keeps when frames came, for as long as the view is there. */
function follow(view: View): void {
  view.video.requestVideoFrameCallback((now) => {
    view.firstFrame ??= now;
    // Who has seen nothing yet looks at a picture that stands, too.
    const stood = now - (view.lastFrame ?? view.began);
    view.lastFrame = now;
    if (stood > frozenAfter) {
      view.frozen += stood;
      view.freezes += 1;
    }
    if (view.connection.connectionState !== "closed") follow(view);
  });
}

function caller(base: string, bearer: string) {
  const headers = { authorization: `Bearer ${bearer}` };
  return async <T>(method: string, path: string, body?: unknown): Promise<T> => {
    const init = { method, headers, ...(body !== undefined && { body: JSON.stringify(body) }) };
    const response = await fetch(`${base}/${path}`, init);
    const json = (await response.json()) as T & { errorCode?: string; errorDescription?: string };
    if (json.errorCode !== undefined) throw new Error(`${path}: ${json.errorCode} ${json.errorDescription}`);
    return json;
  };
}

async function take(connection: RTCPeerConnection, description: SessionDescription | undefined): Promise<void> {
  if (description === undefined) throw new Error("The answer has no description.");
  await connection.setRemoteDescription(description);
}

function local({ localDescription }: RTCPeerConnection): SessionDescription {
  if (localDescription === null) throw new Error("There is no description yet.");
  return { type: localDescription.type as "offer" | "answer", sdp: localDescription.sdp };
}
