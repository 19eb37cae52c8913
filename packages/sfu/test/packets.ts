/** RTP and RTCP packets for tests, built field by field as the RFCs draw them and without the code under test. */
export interface RtpFields {
  readonly payloadType: number;
  readonly sequence: number;
  readonly timestamp: number;
  readonly ssrc: number;
  readonly marker: boolean;
  readonly csrcs: readonly number[];
  readonly extensions: readonly { readonly id: number; readonly data: Uint8Array }[];
  /** The form of RFC 8285: one-byte or two-byte element headers. */
  readonly form: 1 | 2;
  readonly payload: Uint8Array;
  /** Bytes of padding, the count included; 0 for none. */
  readonly padding: number;
}

export function rtp(fields: Partial<RtpFields> = {}): Uint8Array<ArrayBuffer> {
  const { payloadType = 96, sequence = 0, timestamp = 0, ssrc = 1, marker = false } = fields;
  const { csrcs = [], extensions = [], form = 1, payload = new Uint8Array(0), padding = 0 } = fields;
  const bytes: number[] = [
    0x80 | (padding > 0 ? 0x20 : 0) | (extensions.length > 0 ? 0x10 : 0) | csrcs.length,
    (marker ? 0x80 : 0) | payloadType,
    ...big(sequence, 2),
    ...big(timestamp, 4),
    ...big(ssrc, 4),
    ...csrcs.flatMap((csrc) => big(csrc, 4)),
  ];
  if (extensions.length > 0) {
    const block = extensions.flatMap(({ id, data }) =>
      form === 1 ? [(id << 4) | (data.length - 1), ...data] : [id, data.length, ...data],
    );
    while (block.length % 4 !== 0) block.push(0);
    bytes.push(...(form === 1 ? [0xbe, 0xde] : [0x10, 0x00]), ...big(block.length / 4, 2), ...block);
  }
  bytes.push(...payload);
  for (let index = 1; index < padding; index += 1) bytes.push(0);
  if (padding > 0) bytes.push(padding);
  return Uint8Array.from(bytes);
}

/** RFC 7741 §4.2: which optional parts the descriptor has, and whether the frame behind it is a key frame. */
export interface Vp8Fields {
  readonly start: boolean;
  readonly partition: number;
  readonly pictureId: "none" | "short" | "long";
  readonly tl0PicIdx: boolean;
  readonly temporalId: boolean;
  readonly keyIdx: boolean;
  readonly key: boolean;
}

export function vp8(fields: Partial<Vp8Fields> = {}): Uint8Array<ArrayBuffer> {
  const { start = true, partition = 0, pictureId = "none", key = true } = fields;
  const { tl0PicIdx = false, temporalId = false, keyIdx = false } = fields;
  const extended = pictureId !== "none" || tl0PicIdx || temporalId || keyIdx;
  const bytes = [(extended ? 0x80 : 0) | (start ? 0x10 : 0) | partition];
  if (extended) {
    bytes.push(
      (pictureId === "none" ? 0 : 0x80) | (tl0PicIdx ? 0x40 : 0) | (temporalId ? 0x20 : 0) | (keyIdx ? 0x10 : 0),
    );
  }
  // Odd values wherever the frame's own first byte could be taken for one of these.
  if (pictureId === "short") bytes.push(0x7f);
  if (pictureId === "long") bytes.push(0xff, 0xff);
  if (tl0PicIdx) bytes.push(0xff);
  if (temporalId || keyIdx) bytes.push(0xff);
  bytes.push(key ? 0x10 : 0x11, 0x02, 0x00, 0x9d, 0x01, 0x2a);
  return Uint8Array.from(bytes);
}

/** One RTCP packet: `words` follow the 4-byte header. */
export function rtcp(format: number, type: number, words: readonly number[]): Uint8Array<ArrayBuffer> {
  return Uint8Array.from([0x80 | format, type, ...big(words.length, 2), ...words.flatMap((word) => big(word, 4))]);
}

export function senderReportPacket(ssrc: number, seconds = 0, fraction = 0, timestamp = 0): Uint8Array<ArrayBuffer> {
  return rtcp(0, 200, [ssrc, seconds, fraction, timestamp, 7, 7]);
}

export function pictureLossPacket(mediaSsrc: number): Uint8Array<ArrayBuffer> {
  return rtcp(1, 206, [1, mediaSsrc]);
}

export function ascii(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}

function big(value: number, bytes: number): number[] {
  return Array.from({ length: bytes }, (_, index) => Math.floor(value / 2 ** (8 * (bytes - 1 - index))) & 0xff);
}
