/** Description that we made → SDP text, in the shape browsers apply: one bundle, rtcp-mux, all candidates inline. */
import { type MediaDescription, write } from "sdp-transform";
import type { LocalParameters } from "../transport.ts";
import { isRetransmission } from "./codecs.ts";
import type { AnnouncedStream, MediaSection } from "./description.ts";

export interface Written {
  /** Numeric, the same for the life of a session (RFC 8866 §5.2). */
  readonly id: string;
  /** Grows by one with every description of the session. */
  readonly version: number;
  readonly transport: LocalParameters;
  /** The mid that comes first in the bundle, if its m-line is in use; otherwise the first that is. */
  readonly anchor?: string | undefined;
  readonly media: readonly MediaSection[];
}

export function writeDescription(description: Written): string {
  const { anchor } = description;
  const inUse = description.media.filter((section) => !section.rejected).map((section) => section.mid);
  const bundled = [...inUse.filter((mid) => mid === anchor), ...inUse.filter((mid) => mid !== anchor)];
  const media = description.media.map((section) => writeSection(section, description.transport));
  return write({
    version: 0,
    // The identifier stays text: it has more digits than a double keeps.
    origin: {
      username: "-",
      sessionId: description.id,
      sessionVersion: description.version,
      netType: "IN",
      ipVer: 4,
      address: "127.0.0.1",
    },
    name: "-",
    timing: { start: 0, stop: 0 },
    ...(bundled.length > 0 && { groups: [{ type: "BUNDLE", mids: bundled.join(" ") }] }),
    ...(description.transport.iceLite && { icelite: "ice-lite" as const }),
    extmapAllowMixed: "extmap-allow-mixed",
    msidSemantic: { semantic: "WMS", token: "*" },
    media,
  });
}

/** What browsers use (RFC 8841 §5, §6), in bytes. */
const sctpPort = 5_000;
const maxMessageSize = 262_144;

function writeSection(section: MediaSection, transport: LocalParameters): MediaDescription {
  const base = {
    type: section.kind,
    port: section.rejected ? 0 : 9,
    protocol: section.kind === "application" ? "UDP/DTLS/SCTP" : "UDP/TLS/RTP/SAVPF",
    connection: { version: 4, ip: "0.0.0.0" },
    mid: section.mid,
  };
  if (section.rejected)
    return { ...base, payloads: payloads(section), rtp: rtp(section), fmtp: [], direction: "inactive" };
  return {
    ...base,
    payloads: payloads(section),
    rtp: rtp(section),
    fmtp: section.codecs
      .filter((codec) => codec.parameters !== "")
      .map((codec) => ({ payload: codec.payloadType, config: codec.parameters })),
    rtcpFb: section.codecs.flatMap((codec) =>
      codec.feedback.map((feedback) => {
        const [type = "", ...subtype] = feedback.split(" ");
        return { payload: codec.payloadType, type, ...(subtype.length > 0 && { subtype: subtype.join(" ") }) };
      }),
    ),
    ...(section.kind === "application" ? { sctpPort, maxMessageSize } : { direction: section.direction }),
    ext: section.extensions.map((extension) => ({ value: extension.id, uri: extension.uri })),
    iceUfrag: transport.iceUfrag,
    icePwd: transport.icePwd,
    fingerprint: { type: transport.fingerprint.algorithm, hash: transport.fingerprint.value },
    setup: transport.setup,
    rtcpMux: "rtcp-mux",
    rtcpRsize: "rtcp-rsize",
    candidates: transport.candidates.map(readCandidate),
    endOfCandidates: "end-of-candidates",
    ...(section.rids.length > 0 && {
      rids: section.rids.map((id) => ({ id, direction: "recv" })),
      simulcast: { dir1: "recv" as const, list1: section.rids.join(";") },
    }),
    ...(section.stream !== undefined && {
      msid: [{ id: section.stream.streamId, appdata: section.stream.trackId }],
      ...announced(section, section.stream),
    }),
  };
}

/** A stream, grouped with its retransmissions where the m-line has a format for them (RFC 5576 §4.2). */
function announced({ codecs }: MediaSection, { ssrc, repairSsrc, cname }: AnnouncedStream) {
  const repaired = repairSsrc !== undefined && codecs.some(isRetransmission);
  const ids = repaired ? [ssrc, repairSsrc] : [ssrc];
  return {
    ...(repaired && { ssrcGroups: [{ semantics: "FID", ssrcs: ids.join(" ") }] }),
    ssrcs: ids.map((id) => ({ id, attribute: "cname", value: cname })),
  };
}

/** A refused m-line still names a format: an empty list is not valid SDP. */
function payloads(section: MediaSection): string {
  if (section.kind === "application") return "webrtc-datachannel";
  return section.codecs.map((codec) => codec.payloadType).join(" ") || "0";
}

function rtp(section: MediaSection): MediaDescription["rtp"] {
  return section.codecs.map((codec) => ({
    payload: codec.payloadType,
    codec: codec.name,
    rate: codec.clockRate,
    ...(codec.channels > 1 && { encoding: codec.channels }),
  }));
}

/** `1 1 UDP 2122 127.0.0.1 8788 typ host` as the writer wants it; we only make host candidates over UDP. */
function readCandidate(value: string): NonNullable<MediaDescription["candidates"]>[number] {
  const [foundation = "1", component, transport = "UDP", priority, ip = "", port, , type = "host"] = value.split(" ");
  return {
    foundation,
    component: Number(component),
    transport,
    priority: Number(priority),
    ip,
    port: Number(port),
    type,
  };
}
