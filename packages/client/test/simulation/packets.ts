/** RTP as the model sends it: the m-line and the layer by header extension (RFC 8285), at the end what it shows. */
export interface Sent {
  readonly kind: "audio" | "video";
  readonly ssrc: number;
  readonly sequence: number;
  /** ms. */
  readonly at: number;
  readonly mid: string;
  readonly rid: string | undefined;
  /** Of the captured track; 0 is silence. */
  readonly mark: number;
}

/** Every picture is a keyframe of VP8 (RFC 7741 §4.3), so nobody waits for one. */
const keyframe = [0x10, 0x10, 0x02, 0x00, 0x9d, 0x01, 0x2a];
const voice = [0xfc, 0xff, 0xfe];

export function writePacket({ kind, ssrc, sequence, at, mid, rid, mark }: Sent): Uint8Array {
  const block = [...element(4, mid), ...(rid === undefined ? [] : element(10, rid))];
  while (block.length % 4 !== 0) block.push(0);
  const timestamp = Math.round(at * (kind === "audio" ? 48 : 90));
  return Uint8Array.from([
    0x90,
    0x80 | (kind === "audio" ? 111 : 96),
    ...big(sequence & 0xffff, 2),
    ...big(timestamp >>> 0, 4),
    ...big(ssrc, 4),
    0xbe,
    0xde,
    ...big(block.length / 4, 2),
    ...block,
    ...(kind === "audio" ? voice : keyframe),
    ...big(mark, 2),
  ]);
}

/** Undefined for what is not media. */
export function readPacket(bytes: Uint8Array): { readonly ssrc: number; readonly mark: number } | undefined {
  const type = (bytes[1] ?? 0) & 0x7f;
  if (bytes.length < 14 || (type >= 64 && type < 96)) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return { ssrc: view.getUint32(8), mark: view.getUint16(bytes.length - 2) };
}

function element(id: number, text: string): number[] {
  return [(id << 4) | (text.length - 1), ...new TextEncoder().encode(text)];
}

function big(value: number, bytes: number): number[] {
  return Array.from({ length: bytes }, (_, index) => Math.floor(value / 2 ** (8 * (bytes - 1 - index))) & 0xff);
}
