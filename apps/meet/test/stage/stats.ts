/**
 * What the page's real RTCPeerConnections say of themselves. Everything here runs in the page, so it uses nothing from
 * outside its own functions.
 */

export interface Incoming {
  readonly kind: "audio" | "video";
  /** The id of the MediaStreamTrack it is played from. */
  readonly track: string;
  readonly packetsReceived: number;
  readonly packetsLost: number;
  readonly framesDecoded: number;
  readonly width: number;
  readonly height: number;
  /** Sum of squared loudness over time (webrtc-stats), which grows with every sound. */
  readonly energy: number;
  /** Seconds of sound that were played, silence included. */
  readonly duration: number;
}

export interface Outgoing {
  readonly kind: "audio" | "video";
  /** The layer, of simulcast. */
  readonly rid: string | undefined;
  readonly bytes: number;
  readonly width: number;
  readonly height: number;
}

export interface Stats {
  /** Connections that are not closed; one unless media is being rebuilt. */
  readonly connections: number;
  /** Connections that were ever made, the closed ones included. */
  readonly made: number;
  readonly incoming: readonly Incoming[];
  readonly outgoing: readonly Outgoing[];
}

type Observed = typeof globalThis & { madeConnections?: RTCPeerConnection[] };

/** To run before the page's own scripts: keeps every connection that the page makes where `readStats` finds it. */
export function rememberConnections(): void {
  const made: RTCPeerConnection[] = [];
  (globalThis as Observed).madeConnections = made;
  globalThis.RTCPeerConnection = class extends globalThis.RTCPeerConnection {
    constructor(configuration?: RTCConfiguration) {
      super(configuration);
      made.push(this);
    }
  };
}

export async function readStats(): Promise<Stats> {
  const made = (globalThis as Observed).madeConnections ?? [];
  const open = made.filter((connection) => connection.connectionState !== "closed");
  const incoming: Incoming[] = [];
  const outgoing: Outgoing[] = [];
  for (const connection of open) {
    for (const report of (await connection.getStats()).values()) {
      if (report.type === "inbound-rtp") {
        incoming.push({
          kind: report.kind,
          track: report.trackIdentifier,
          packetsReceived: report.packetsReceived,
          packetsLost: report.packetsLost,
          framesDecoded: report.framesDecoded ?? 0,
          width: report.frameWidth ?? 0,
          height: report.frameHeight ?? 0,
          energy: report.totalAudioEnergy ?? 0,
          duration: report.totalSamplesDuration ?? 0,
        });
      }
      if (report.type === "outbound-rtp") {
        outgoing.push({
          kind: report.kind,
          rid: report.rid,
          bytes: report.bytesSent,
          width: report.frameWidth ?? 0,
          height: report.frameHeight ?? 0,
        });
      }
    }
  }
  return { connections: open.length, made: made.length, incoming, outgoing };
}
