/**
 * Who speaks right now, among the others: looks at their receivers five times a second.
 *
 * The level in the RTP header extension costs nothing to read. Where the SFU does not forward it, one look at the
 * connection's statistics gives the level of what was decoded, for all at once.
 */
import { SpeakingDetector } from "./detector.ts";

const interval = 200;

export interface Listened {
  readonly participant: string;
  readonly receiver: RTCRtpReceiver;
}

export interface RollOptions {
  readonly listened: () => readonly Listened[];
  readonly connection: () => RTCPeerConnection | undefined;
  readonly heard: (speaking: ReadonlySet<string>) => void;
}

interface Ear {
  readonly detector: SpeakingDetector;
  /** The last packet's time; one that stays says that nothing comes any more. */
  packet: number;
}

export class SpeakingRoll {
  readonly #options: RollOptions;
  readonly #ears = new Map<string, Ear>();
  #timer: ReturnType<typeof setInterval> | undefined;
  #looking = false;

  constructor(options: RollOptions) {
    this.#options = options;
  }

  start(): void {
    this.#timer ??= setInterval(() => void this.#look(), interval);
  }

  close(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  async #look(): Promise<void> {
    const listened = this.#options.listened();
    if (this.#looking || (listened.length === 0 && this.#ears.size === 0)) return;
    this.#looking = true;
    try {
      const sources = listened.map(({ receiver }) => receiver.getSynchronizationSources()[0]);
      const fallback = sources.some((source) => source && source.audioLevel === undefined)
        ? await this.#decodedLevels()
        : undefined;
      const now = performance.now();
      const speaking = new Set<string>();
      for (const [index, { participant, receiver }] of listened.entries()) {
        const source = sources[index];
        const ear = this.#ears.get(participant) ?? { detector: new SpeakingDetector(), packet: 0 };
        this.#ears.set(participant, ear);
        const fresh = source !== undefined && source.rtpTimestamp !== ear.packet;
        ear.packet = source?.rtpTimestamp ?? 0;
        const level = fresh ? (source.audioLevel ?? fallback?.get(receiver.track.id) ?? 0) : 0;
        if (ear.detector.handle(level, now)) speaking.add(participant);
      }
      for (const known of this.#ears.keys()) {
        if (!listened.some(({ participant }) => participant === known)) this.#ears.delete(known);
      }
      this.#options.heard(speaking);
    } finally {
      this.#looking = false;
    }
  }

  /** By track id. */
  async #decodedLevels(): Promise<Map<string, number>> {
    const levels = new Map<string, number>();
    const stats = await this.#options.connection()?.getStats();
    for (const report of stats?.values() ?? []) {
      if (report.type === "inbound-rtp" && report.kind === "audio")
        levels.set(report.trackIdentifier, report.audioLevel);
    }
    return levels;
  }
}
