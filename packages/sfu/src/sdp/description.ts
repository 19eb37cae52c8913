/**
 * A session description reduced to what the SFU negotiates. Text becomes this in `read.ts` and this becomes text in
 * `write.ts`; nothing else touches SDP text.
 */
import type { PeerParameters } from "../transport.ts";

export type Direction = "sendrecv" | "sendonly" | "recvonly" | "inactive";

export interface Codec {
  readonly payloadType: number;
  /** As in rtpmap, in the sender's spelling; compare without case. */
  readonly name: string;
  readonly clockRate: number;
  readonly channels: number;
  /** The fmtp line's parameters, unparsed. */
  readonly parameters: string;
  /** rtcp-fb values such as `nack pli`. */
  readonly feedback: readonly string[];
}

export interface HeaderExtension {
  readonly id: number;
  readonly uri: string;
}

/** The stream that a sending m-line announces (RFC 5576 ssrc lines). */
export interface AnnouncedStream {
  readonly ssrc: number;
  /** Of its retransmissions, where the m-line has a format for them (RFC 4588 §8.2). */
  readonly repairSsrc?: number | undefined;
  readonly cname: string;
  /** MediaStream id and track id (RFC 8830). */
  readonly streamId: string;
  readonly trackId: string;
}

export interface MediaSection {
  readonly mid: string;
  readonly kind: "audio" | "video" | "application";
  /** Port 0: the m-line is refused or stopped, and may be recycled. */
  readonly rejected: boolean;
  readonly direction: Direction;
  /** In the order of preference. */
  readonly codecs: readonly Codec[];
  readonly extensions: readonly HeaderExtension[];
  /** SSRCs that a=ssrc lines name, in order. */
  readonly ssrcs: readonly number[];
  /** Simulcast layers: those that the peer sends in its descriptions, those that we receive in ours. */
  readonly rids: readonly string[];
  /** What we send on this m-line; only in descriptions that we make. */
  readonly stream?: AnnouncedStream | undefined;
}

export interface Description {
  /** Those of the first m-line that has its own, or of the session. */
  readonly transport: PeerParameters;
  /** The m-line that the bundle's transport belongs to (RFC 9143 §7.2), and whether it names addresses of the peer. */
  readonly anchor: { readonly mid: string; readonly gathered: boolean };
  readonly media: readonly MediaSection[];
}
