/** What was agreed for each m-line, read from the SDP texts that went over the API. */

export interface Line {
  readonly mid: string;
  readonly kind: string;
  readonly accepted: boolean;
  /** Of the first codec that is no retransmission. */
  readonly payloadType: number;
  /** Its name, as rtpmap has it. */
  readonly codec: string;
  /** Of its retransmissions; undefined without them. */
  readonly repairType: number | undefined;
  /** Values of rtcp-fb for the codec: `nack`, `nack pli`, `transport-cc`. */
  readonly feedback: ReadonlySet<string>;
  /** Header extensions by their URI. */
  readonly extensions: ReadonlyMap<string, number>;
  readonly ssrc: number | undefined;
  /** SSRC of its retransmissions (RFC 5576, FID). */
  readonly repairSsrc: number | undefined;
}

export function readLines(sdp: string): Line[] {
  return sdp
    .split(/(?=^m=)/m)
    .slice(1)
    .map(readLine);
}

function readLine(part: string): Line {
  const [, kind = "", port = "", formats = ""] = /^m=(\w+) (\d+) \S+ (.*?)\r?$/m.exec(part) ?? [];
  const repairs = new Map(
    [...part.matchAll(/^a=fmtp:(\d+) apt=(\d+)/gm)].map(([, own, of]) => [Number(of), Number(own)]),
  );
  const types = formats.split(" ").map(Number);
  const payloadType = types.find((type) => ![...repairs.values()].includes(type)) ?? -1;
  const repairType = repairs.get(payloadType);
  const group = /^a=ssrc-group:FID (\d+) (\d+)/m.exec(part);
  const ssrc = group?.[1] ?? /^a=ssrc:(\d+)/m.exec(part)?.[1];
  return {
    mid: /^a=mid:(.*?)\r?$/m.exec(part)?.[1] ?? "",
    kind,
    accepted: port !== "0",
    payloadType,
    codec: new RegExp(`^a=rtpmap:${payloadType} ([^/]+)/`, "m").exec(part)?.[1] ?? "",
    repairType: repairType !== undefined && types.includes(repairType) ? repairType : undefined,
    feedback: new Set(
      [...part.matchAll(/^a=rtcp-fb:(\S+) (.*?)\r?$/gm)].flatMap(([, type, value = ""]) =>
        Number(type) === payloadType || type === "*" ? [value] : [],
      ),
    ),
    extensions: new Map([...part.matchAll(/^a=extmap:(\d+)\S* (\S+)/gm)].map(([, id, uri = ""]) => [uri, Number(id)])),
    ssrc: ssrc === undefined ? undefined : Number(ssrc),
    repairSsrc: group?.[2] === undefined ? undefined : Number(group[2]),
  };
}
