/** A measured sample in the words of the room's record: rounded, without what is unknown, and bounded. Pure. */
import type { QualitySample, SampledTrack, TrackSource } from "@satsuma/protocol";
import type { ConnectionSample, TrackSample } from "../quality/sample.ts";
import type { Verdict } from "../quality/verdict.ts";

/** Whose a track is and from what; by the key of its sample. */
export interface Label {
  readonly source: TrackSource;
  /** Of those received. */
  readonly participant?: string | undefined;
}

/** Tracks that one sample may have. */
const most = 16;

export function reportable(
  { quality, cause }: { readonly quality: Verdict["level"]; readonly cause: Verdict["cause"] },
  sample: ConnectionSample | undefined,
  labels: ReadonlyMap<string, Label>,
): QualitySample {
  if (sample === undefined) return known({ quality, cause });
  const sent = sample.sent.map((track) => trackOf("sent", track, labels.get(track.key)));
  const received = [...sample.received]
    .filter(({ key }) => labels.has(key))
    .sort((a, b) => badness(b) - badness(a))
    .map((track) => trackOf("received", track, labels.get(track.key)));
  return known({
    quality,
    cause,
    duration: Math.round(sample.duration),
    roundTrip: whole(sample.roundTrip),
    lossIn: fine(sample.lossIn),
    lossOut: fine(sample.lossOut),
    available: whole(sample.availableOutgoing),
    relayed: sample.relayed,
    tracks: [...sent, ...received].slice(0, most),
  });
}

function badness({ loss, frozen = 0, concealed = 0 }: TrackSample): number {
  return Math.max(loss, frozen, concealed);
}

function trackOf(way: SampledTrack["way"], track: TrackSample, label: Label | undefined): SampledTrack {
  const { kind, width, height, limitation } = track;
  return known({
    way,
    kind,
    source: label?.source,
    participant: label?.participant,
    bitrate: whole(track.bitrate),
    loss: fine(track.loss),
    jitter: whole(track.jitter),
    audioLevel: fine(track.audioLevel),
    width,
    height,
    frameRate: whole(track.frameRate),
    frozen: fine(track.frozen),
    concealed: fine(track.concealed),
    limitation: limitation === "none" ? undefined : limitation,
  });
}

function whole(value: number | undefined): number | undefined {
  return value === undefined ? undefined : Math.round(value);
}

/** Parts of one, to a thousandth. */
function fine(value: number | undefined): number | undefined {
  return value === undefined ? undefined : Math.round(Math.min(1, Math.max(0, value)) * 1_000) / 1_000;
}

function known<T extends object>(fields: T): { [K in keyof T]: NonNullable<T[K]> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as never;
}
