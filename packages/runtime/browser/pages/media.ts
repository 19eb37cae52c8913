/** What the test pages share: a camera, a picture of another size, and what a connection says it receives. */

export interface Received {
  readonly frames: number;
  readonly width: number;
  readonly height: number;
  readonly codec: string;
  readonly freezes: number;
  /** s. */
  readonly frozen: number;
  readonly lost: number;
  readonly audioPackets: number;
  /** Sum of what was heard, as the browser counts it: grows only with sound that is not silence. */
  readonly audioEnergy: number;
  readonly state: string;
}

export async function camera(width = 320, height = 240): Promise<MediaStreamTrack> {
  const stream = await navigator.mediaDevices.getUserMedia({ video: { width, height, frameRate: 15 } });
  return first(stream);
}

export async function microphone(): Promise<MediaStreamTrack> {
  return first(await navigator.mediaDevices.getUserMedia({ audio: true }));
}

/** A picture that no camera gives: its size tells it from every other. */
export function drawing(width: number, height: number): MediaStreamTrack {
  const canvas = document.createElement("canvas");
  canvas.width = width;
  canvas.height = height;
  const context = canvas.getContext("2d");
  let hue = 0;
  setInterval(() => {
    hue = (hue + 7) % 360;
    if (context !== null) context.fillStyle = `hsl(${hue} 80% 50%)`;
    context?.fillRect(0, 0, width, height);
  }, 66);
  return first(canvas.captureStream(15));
}

/** A sound that no microphone gives, silent until it is told how loud to be. */
export class Tone {
  readonly #gain: GainNode;
  readonly track: MediaStreamTrack;

  constructor() {
    const context = new AudioContext();
    const oscillator = new OscillatorNode(context, { frequency: 440 });
    this.#gain = new GainNode(context, { gain: 0 });
    const out = new MediaStreamAudioDestinationNode(context);
    oscillator.connect(this.#gain).connect(out);
    oscillator.start();
    this.track = first(out.stream);
  }

  setVolume(volume: number): void {
    this.#gain.gain.value = volume;
  }
}

/** `mid` chooses one m-line; without it, everything that the connection receives is added up. */
export async function received(connection: RTCPeerConnection, mid?: string): Promise<Received> {
  const report = await connection.getStats();
  const empty = {
    frames: 0,
    width: 0,
    height: 0,
    codec: "",
    freezes: 0,
    frozen: 0,
    lost: 0,
    audioPackets: 0,
    audioEnergy: 0,
  };
  const sum = { ...empty, state: connection.connectionState };
  for (const stats of report.values()) {
    if (stats.type !== "inbound-rtp" || (mid !== undefined && stats.mid !== mid)) continue;
    sum.lost += stats.packetsLost ?? 0;
    if (stats.kind === "audio") {
      sum.audioPackets += stats.packetsReceived;
      sum.audioEnergy += stats.totalAudioEnergy ?? 0;
    } else {
      sum.frames += stats.framesDecoded;
      sum.width = stats.frameWidth ?? sum.width;
      sum.height = stats.frameHeight ?? sum.height;
      sum.freezes += stats.freezeCount ?? 0;
      sum.frozen += stats.totalFreezesDuration ?? 0;
    }
    if (mid !== undefined || stats.kind === "video") sum.codec = report.get(stats.codecId)?.mimeType ?? sum.codec;
  }
  return sum;
}

function first(stream: MediaStream): MediaStreamTrack {
  const [track] = stream.getTracks();
  if (track === undefined) throw new Error("A stream without tracks.");
  return track;
}
