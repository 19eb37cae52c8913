/**
 * Tells when nothing comes through the media connection any more, and when it comes again: the shell of the pulse.
 *
 * Four times a second it asks a receiver for its last packet, until one has a new one. Only in doubt it looks at the
 * connection's counters, which tell a path that is dead from others who are: reports of the media server come as well.
 */
import { type Beat, lookEvery, Pulse } from "./pulse.ts";

export interface PathWatchOptions {
  readonly connection: () => RTCPeerConnection | undefined;
  /** Those of whom something should come. */
  readonly receivers: () => readonly RTCRtpReceiver[];
  /** The path is dead as far as can be told; again with every look while it is. */
  readonly silent: () => void;
  readonly heard: () => void;
}

/** Milliseconds after which a path that was found alive is looked at again. */
const lookAgain = 1_000;

export class PathWatch {
  readonly #options: PathWatchOptions;
  readonly #packets = new Map<RTCRtpReceiver, number>();
  #connection: RTCPeerConnection | undefined;
  #pulse = new Pulse();
  /** What the path had brought when it was last looked at. */
  #counted: { readonly packets: number; readonly at: number } | undefined;
  #told = false;
  #timer: ReturnType<typeof setInterval> | undefined;

  constructor(options: PathWatchOptions) {
    this.#options = options;
  }

  start(): void {
    this.#timer ??= setInterval(() => void this.#look(), lookEvery);
  }

  close(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  async #look(): Promise<void> {
    const connection = this.#options.connection();
    if (connection !== this.#connection) this.#begin(connection);
    if (connection === undefined || connection.connectionState === "new") return;
    const receivers = this.#options.receivers();
    const look = { came: this.#came(receivers), expected: receivers.length > 0 };
    const beat: Beat = this.#pulse.handle(look, performance.now());
    if (beat !== "doubtful") this.#counted = undefined;
    if (beat === "beating" && this.#told) {
      this.#told = false;
      this.#options.heard();
    }
    if (beat === "doubtful") await this.#count(connection);
  }

  #begin(connection: RTCPeerConnection | undefined): void {
    this.#connection = connection;
    this.#pulse = new Pulse();
    this.#packets.clear();
    this.#counted = undefined;
    this.#told = false;
  }

  /** Whether any of them has a newer packet than at the look before. Does not ask the rest once one has. */
  #came(receivers: readonly RTCRtpReceiver[]): boolean {
    for (const receiver of receivers) {
      const packet = receiver.getSynchronizationSources()[0]?.rtpTimestamp;
      if (packet === undefined || packet === this.#packets.get(receiver)) continue;
      this.#packets.set(receiver, packet);
      return true;
    }
    return false;
  }

  async #count(connection: RTCPeerConnection): Promise<void> {
    const before = this.#counted;
    const now = performance.now();
    if (before !== undefined && now - before.at < lookEvery) return;
    // Before the browser has answered, so that a look that comes meanwhile does not ask it too.
    this.#counted = { packets: before?.packets ?? -1, at: now };
    const packets = received(await connection.getStats());
    if (this.#timer === undefined || this.#connection !== connection || this.#counted === undefined) return;
    const grown = before !== undefined && before.packets >= 0 && packets > before.packets;
    // Others are silent, and the path is not: nothing to be done about it here, and no hurry to look again.
    this.#counted = { packets, at: grown ? now + lookAgain : now };
    if (before === undefined || before.packets < 0 || grown) return;
    this.#told = true;
    this.#options.silent();
  }
}

/** Packets of media and of its reports; those that only test the path are not among them (webrtc-stats). */
function received(report: RTCStatsReport): number {
  let packets = 0;
  for (const entry of report.values()) {
    if (entry.type === "transport") packets += entry.packetsReceived ?? 0;
  }
  return packets;
}
