/**
 * SDP text of a peer → description, or a refusal that says what is missing.
 *
 * Lenient where browsers and gateways differ (line ends, unknown lines), strict in what the answer depends on.
 */
import { type Result, refusal } from "@satsuma/protocol";
import { type MediaDescription, parse, type SessionDescription } from "sdp-transform";
import type { PeerParameters } from "../transport.ts";
import type { Codec, Description, MediaSection } from "./description.ts";

/** Lines of one description: a browser's has about 26,000 when it fills the largest body. Each costs a microsecond. */
const maxLines = 32_768;
/** Characters of one format's parameters, which go on to every subscriber; browsers write fewer than 200. */
const maxParameters = 1_024;

/** Addresses of one peer that we knock at; each costs a few packets. Machines with more networks are met when they call. */
const mostCandidates = 8;
/** RFC 8445 §5.1.2.1: type preference 126 for host, and the local preference counts down from the first. */
const hostPriority = 126 * 2 ** 24 + 65_535 * 2 ** 8 + 255;

export function readDescription(sdp: string, maxSections: number): Result<Description> {
  // Counting before parsing keeps a hostile description from costing more than one pass over its text.
  const lines = sdp.match(/\r\n|\r|\n/g)?.length ?? 0;
  if (lines > maxLines) return refuse(`The SDP has ${lines} lines; this server takes ${maxLines} at the most.`);
  const sections = sdp.match(/^m=/gm)?.length ?? 0;
  if (!sdp.startsWith("v=0") || sections === 0)
    return refuse("Unable to parse SDP: not a session description with media.");
  if (sections > maxSections)
    return refuse(`The SDP has ${sections} m-lines; this server takes ${maxSections} at the most.`);
  const parsed = parse(sdp);
  const media: MediaSection[] = [];
  const mids = new Set<string>();
  for (const line of parsed.media) {
    const section = readSection(line);
    if (!section.ok) return section;
    if (mids.has(section.value.mid)) return refuse(`The mid "${section.value.mid}" appears twice.`);
    mids.add(section.value.mid);
    media.push(section.value);
  }
  const transport = readTransport(parsed);
  if (!transport.ok) return transport;
  return { ok: true, value: { transport: transport.value, media } };
}

function readSection(line: MediaDescription): Result<MediaSection> {
  // The parser leaves out what it cannot read, and makes numbers of what looks like one.
  const kind = String(line.type ?? "");
  if (kind !== "audio" && kind !== "video" && kind !== "application")
    return refuse(`m=${shown(kind)} is not supported.`);
  const mid = line.mid === undefined ? "" : String(line.mid);
  if (!/^[!-~]{1,32}$/.test(mid)) return refuse("Every m-line needs a mid of 1 to 32 printable characters.");
  const ssrcs = new Set((line.ssrcs ?? []).map((entry) => Number(entry.id) >>> 0));
  return {
    ok: true,
    value: {
      mid,
      kind,
      rejected: line.port === 0 && line.bundleOnly === undefined,
      direction: line.direction ?? "sendrecv",
      codecs: kind === "application" ? [] : readCodecs(line),
      extensions: (line.ext ?? [])
        .filter((ext) => ext["encrypt-uri"] === undefined && ext.value >= 1 && ext.value <= 255)
        .map((ext) => ({ id: ext.value, uri: String(ext.uri) })),
      ssrcs: [...ssrcs],
    },
  };
}

function readCodecs(line: MediaDescription): Codec[] {
  const order = String(line.payloads ?? "")
    .split(" ")
    .map(Number);
  const codecs: Codec[] = [];
  for (const payloadType of order) {
    const map = line.rtp.find((entry) => entry.payload === payloadType);
    if (map === undefined || !(payloadType >= 0 && payloadType <= 127)) continue;
    const parameters = String(line.fmtp.find((entry) => entry.payload === payloadType)?.config ?? "");
    if (parameters.length > maxParameters) continue;
    codecs.push({
      payloadType,
      name: String(map.codec),
      clockRate: map.rate ?? 0,
      channels: Number(map.encoding ?? 1),
      parameters,
      feedback: (line.rtcpFb ?? [])
        .filter((entry) => entry.payload === payloadType || entry.payload === "*")
        .map((entry) => (entry.subtype === undefined ? String(entry.type) : `${entry.type} ${entry.subtype}`)),
    });
  }
  return codecs;
}

function readTransport(parsed: SessionDescription): Result<PeerParameters> {
  const own = parsed.media.find((line) => line.iceUfrag !== undefined && line.port !== 0) ?? parsed.media[0];
  const iceUfrag = own?.iceUfrag ?? parsed.iceUfrag;
  const icePwd = own?.icePwd ?? parsed.icePwd;
  const fingerprint = own?.fingerprint ?? parsed.fingerprint;
  const setup = own?.setup ?? parsed.setup ?? "actpass";
  if (iceUfrag === undefined || icePwd === undefined) return refuse("SDP contains no ice-ufrag and ice-pwd.");
  // RFC 8839 §5.4: 4 to 256 and 22 to 256 ice-chars.
  if (!/^[\w+/-]{4,256}$/.test(String(iceUfrag)) || !/^[\w+/-]{22,256}$/.test(String(icePwd))) {
    return refuse("The ice-ufrag or ice-pwd is malformed.");
  }
  if (fingerprint === undefined) return refuse("SDP contains no DTLS fingerprint.");
  const hash = String(fingerprint.hash);
  if (String(fingerprint.type).toLowerCase() !== "sha-256" || !/^([\da-f]{2}:){31}[\da-f]{2}$/i.test(hash)) {
    return refuse("The DTLS fingerprint must be a sha-256 one.");
  }
  if (setup !== "actpass" && setup !== "active" && setup !== "passive")
    return refuse(`a=setup:${shown(String(setup))} is not supported.`);
  return {
    ok: true,
    value: {
      iceUfrag: String(iceUfrag),
      icePwd: String(icePwd),
      iceLite: parsed.icelite !== undefined,
      fingerprint: { algorithm: "sha-256", value: hash.toUpperCase() },
      setup,
      candidates: readCandidates(own),
    },
  };
}

/** Host and reflexive addresses over UDP. Names, as of mDNS, would have to be looked up: such a peer is met when it calls. */
function readCandidates(line: MediaDescription | undefined): string[] {
  const usable = (line?.candidates ?? []).filter(
    ({ component, transport, ip, port }) =>
      Number(component) === 1 && String(transport).toLowerCase() === "udp" && isAddress(String(ip)) && isPort(port),
  );
  // Written anew, so that no text of a peer goes further. The peer decides which pair is used, whatever we call it.
  return usable
    .slice(0, mostCandidates)
    .map(({ ip, port }, index) => `${index + 1} 1 UDP ${hostPriority - index * 256} ${ip} ${port} typ host`);
}

/** An address of one machine: not a name, not a broadcast, not a multicast group. */
function isAddress(ip: string): boolean {
  const bytes = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(ip)?.slice(1).map(Number);
  if (bytes) return bytes.every((byte) => byte <= 255) && Number(bytes[0]) > 0 && Number(bytes[0]) < 224;
  return /^(?!ff)[\da-f]{0,4}(:[\da-f]{0,4}){2,7}$/i.test(ip);
}

function isPort(port: unknown): boolean {
  return Number.isInteger(port) && Number(port) > 0 && Number(port) <= 65_535;
}

/** Text of a peer inside a sentence for its developer: short, and without anything that could break a log line. */
function shown(text: string): string {
  return text.replace(/[^\w-]/g, "?").slice(0, 24);
}

function refuse(message: string): Result<never> {
  return { ok: false, refusal: refusal("invalid_session_description", message) };
}
