/**
 * What two looks at a connection's statistics say about the time between them.
 *
 * Browsers count from the beginning (W3C webrtc-stats); people want to know about now. Pure: a report goes in, the sample
 * since the report before comes out. A counter that went back belongs to another stream, and is not compared.
 */
import type { TrackKind } from "@satsuma/protocol";

export type Limitation = "none" | "cpu" | "bandwidth" | "other";

/** One track over one interval. What its kind or its browser does not tell is undefined. */
export interface TrackSample {
  /** The id of the `MediaStreamTrack` that is received; of a sent track the mid of its m-line. */
  readonly key: string;
  readonly kind: TrackKind;
  /** bits/s of payload. */
  readonly bitrate: number;
  /** Of what was sent, from 0 to 1. Of a sent track, what the media server says it missed. */
  readonly loss: number;
  /** Milliseconds. */
  readonly jitter: number | undefined;
  /** Milliseconds to the media server and back; of sent tracks only. */
  readonly roundTrip: number | undefined;
  /** From 0 to 1, linear. */
  readonly audioLevel: number | undefined;
  /** Pixels. Of simulcast the largest layer that is sent. */
  readonly width: number | undefined;
  readonly height: number | undefined;
  /** Frames per second. */
  readonly frameRate: number | undefined;
  /** Part of the time in which the picture stood still, from 0 to 1. */
  readonly frozen: number | undefined;
  /** Part of the sound that was made up for what did not come, from 0 to 1. */
  readonly concealed: number | undefined;
  /** Why the encoder sends less than it could. */
  readonly limitation: Limitation | undefined;
}

export interface ConnectionSample {
  /** Milliseconds, on the clock of the report. */
  readonly at: number;
  /** Milliseconds since the sample before. */
  readonly duration: number;
  readonly received: readonly TrackSample[];
  readonly sent: readonly TrackSample[];
  /** Milliseconds of the path in use. */
  readonly roundTrip: number | undefined;
  /** bits/s that the browser believes it may send. */
  readonly availableOutgoing: number | undefined;
  /** Over all tracks, from 0 to 1. */
  readonly lossIn: number;
  readonly lossOut: number;
  /** Whether media goes through a TURN server. */
  readonly relayed: boolean;
}

/** One entry of a report: the fields differ by type, and every browser leaves out others. */
export type StatsEntry = Readonly<Record<string, unknown>> & { readonly id: string; readonly type: string };
export type StatsReport = ReadonlyMap<string, StatsEntry>;

export class Sampler {
  #before: { readonly at: number; readonly report: StatsReport } | undefined;

  /** The sample since the last report; undefined for the first, and for one that is not newer. */
  handle(report: StatsReport, at: number): ConnectionSample | undefined {
    const before = this.#before;
    if (before !== undefined && at <= before.at) return undefined;
    this.#before = { at, report };
    if (before === undefined) return undefined;
    return compare(before.report, report, at, at - before.at);
  }
}

interface Counted {
  readonly sample: TrackSample;
  readonly lost: number;
  /** Packets that were sent, the lost ones included. */
  readonly of: number;
}

function compare(before: StatsReport, report: StatsReport, at: number, duration: number): ConnectionSample {
  const received: Counted[] = [];
  const outbound = new Map<string, StatsEntry[]>();
  let pair: StatsEntry | undefined;
  for (const entry of report.values()) {
    if (entry.type === "inbound-rtp") received.push(receivedTrack(entry, before.get(entry.id), duration));
    else if (entry.type === "outbound-rtp") {
      const mid = text(entry, "mid") ?? entry.id;
      outbound.set(mid, [...(outbound.get(mid) ?? []), entry]);
    } else if (entry.type === "candidate-pair" && isSelected(entry, report)) pair = entry;
  }
  const sent = [...outbound].map(([mid, layers]) => sentTrack(mid, layers, before, report, duration));
  return {
    at,
    duration,
    received: received.map(({ sample }) => sample),
    sent: sent.map(({ sample }) => sample),
    roundTrip: milliseconds(pair && number(pair, "currentRoundTripTime")),
    availableOutgoing: pair && number(pair, "availableOutgoingBitrate"),
    lossIn: lossOf(received),
    lossOut: lossOf(sent),
    relayed: pair !== undefined && candidateType(pair, report) === "relay",
  };
}

function receivedTrack(entry: StatsEntry, before: StatsEntry | undefined, duration: number): Counted {
  const packets = grown(entry, before, "packetsReceived");
  const lost = grown(entry, before, "packetsLost");
  const frozen = grown(entry, before, "totalFreezesDuration") * 1_000;
  const samples = grown(entry, before, "totalSamplesReceived");
  const kind = kindOf(entry);
  const sample: TrackSample = {
    key: text(entry, "trackIdentifier") ?? text(entry, "mid") ?? entry.id,
    kind,
    bitrate: (grown(entry, before, "bytesReceived") * 8_000) / duration,
    loss: part(lost, packets + lost),
    jitter: milliseconds(number(entry, "jitter")),
    roundTrip: undefined,
    audioLevel: number(entry, "audioLevel"),
    width: number(entry, "frameWidth"),
    height: number(entry, "frameHeight"),
    frameRate: kind === "video" ? (grown(entry, before, "framesDecoded") * 1_000) / duration : undefined,
    frozen: kind === "video" ? Math.min(1, frozen / duration) : undefined,
    concealed: kind === "audio" ? part(concealedSamples(entry, before), samples) : undefined,
    limitation: undefined,
  };
  return { sample, lost, of: packets + lost };
}

/** What was made up audibly: what stands in for silence (DTX) is no loss. */
function concealedSamples(entry: StatsEntry, before: StatsEntry | undefined): number {
  return grown(entry, before, "concealedSamples") - grown(entry, before, "silentConcealedSamples");
}

/** All layers of one m-line: counts add up, the picture is that of the largest, the limitation that of any. */
function sentTrack(
  mid: string,
  layers: readonly StatsEntry[],
  before: StatsReport,
  report: StatsReport,
  duration: number,
): Counted {
  let packets = 0;
  let lost = 0;
  let bytes = 0;
  let frames = 0;
  let largest: StatsEntry | undefined;
  let jitter: number | undefined;
  let roundTrip: number | undefined;
  let limitation: Limitation | undefined;
  for (const layer of layers) {
    const earlier = before.get(layer.id);
    packets += grown(layer, earlier, "packetsSent");
    bytes += grown(layer, earlier, "bytesSent");
    frames = Math.max(frames, grown(layer, earlier, "framesEncoded"));
    if ((number(layer, "frameHeight") ?? 0) > ((largest && number(largest, "frameHeight")) ?? -1)) largest = layer;
    limitation = worse(limitation, text(layer, "qualityLimitationReason"));
    const remote = report.get(text(layer, "remoteId") ?? "");
    if (remote === undefined) continue;
    lost += grown(remote, before.get(remote.id), "packetsLost");
    jitter = most(jitter, milliseconds(number(remote, "jitter")));
    roundTrip = most(roundTrip, milliseconds(number(remote, "roundTripTime")));
  }
  const [first] = layers;
  const kind = first === undefined ? "audio" : kindOf(first);
  const source = report.get((first && text(first, "mediaSourceId")) ?? "");
  const sample: TrackSample = {
    key: mid,
    kind,
    bitrate: (bytes * 8_000) / duration,
    loss: part(lost, packets),
    jitter,
    roundTrip,
    audioLevel: source && number(source, "audioLevel"),
    width: largest && number(largest, "frameWidth"),
    height: largest && number(largest, "frameHeight"),
    frameRate: kind === "video" ? (frames * 1_000) / duration : undefined,
    frozen: undefined,
    concealed: undefined,
    limitation: kind === "video" ? (limitation ?? "none") : undefined,
  };
  return { sample, lost, of: packets };
}

function worse(known: Limitation | undefined, reason: string | undefined): Limitation | undefined {
  if (reason !== "cpu" && reason !== "bandwidth" && reason !== "other") return known;
  // A processor that is too slow can be helped at this end, so it is the one to speak of.
  return known === "cpu" ? known : reason;
}

/** Firefox marks the pair itself; others name it in the transport. */
function isSelected(pair: StatsEntry, report: StatsReport): boolean {
  if (pair.selected === true) return true;
  for (const entry of report.values()) {
    if (entry.type === "transport") return text(entry, "selectedCandidatePairId") === pair.id;
  }
  return pair.nominated === true && text(pair, "state") === "succeeded";
}

function candidateType(pair: StatsEntry, report: StatsReport): string | undefined {
  const local = report.get(text(pair, "localCandidateId") ?? "");
  return local && text(local, "candidateType");
}

function lossOf(tracks: readonly Counted[]): number {
  let lost = 0;
  let all = 0;
  for (const track of tracks) {
    lost += track.lost;
    all += track.of;
  }
  return part(lost, all);
}

/** Since the entry before; 0 when it began anew. Late packets make `packetsLost` go back, which is no negative loss. */
function grown(entry: StatsEntry, before: StatsEntry | undefined, field: string): number {
  return Math.max(0, (number(entry, field) ?? 0) - ((before && number(before, field)) ?? 0));
}

function part(some: number, all: number): number {
  return all <= 0 ? 0 : Math.min(1, Math.max(0, some / all));
}

function most(a: number | undefined, b: number | undefined): number | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return Math.max(a, b);
}

function milliseconds(seconds: number | undefined): number | undefined {
  return seconds === undefined ? undefined : seconds * 1_000;
}

function kindOf(entry: StatsEntry): TrackKind {
  return entry.kind === "video" ? "video" : "audio";
}

function number(entry: StatsEntry, field: string): number | undefined {
  const value = entry[field];
  return typeof value === "number" && Number.isFinite(value) ? value : undefined;
}

function text(entry: StatsEntry, field: string): string | undefined {
  const value = entry[field];
  return typeof value === "string" ? value : undefined;
}
