/**
 * What the SFU needs of ICE, DTLS and SRTP, and nothing more. A platform implements it; see `runtime/node`.
 *
 * A transport carries every RTP and RTCP packet of one session, decrypted, in both directions. It knows no m-lines: all
 * negotiation of tracks happens above it and never touches it again after it was opened.
 */

/** The part of an SDP that concerns the transport (RFC 8839, RFC 8122, RFC 4145). */
export interface PeerParameters {
  readonly iceUfrag: string;
  readonly icePwd: string;
  readonly iceLite: boolean;
  readonly fingerprint: { readonly algorithm: string; readonly value: string };
  readonly setup: "actpass" | "active" | "passive";
  /** Values of `a=candidate:` lines. Ours are complete; of a peer those that are known, since it may also come unannounced. */
  readonly candidates: readonly string[];
}

/** Our own side of a transport. */
export type LocalParameters = PeerParameters;

/** `disconnected` may recover by itself; `closed` is the end, for whatever reason. */
export type TransportState = "connecting" | "connected" | "disconnected" | "closed";

export interface TransportListener {
  /** One RTP or RTCP packet. The bytes belong to the listener. */
  packet(bytes: Uint8Array): void;
  /** Each state once on entering it. After `closed` nothing follows. */
  state(state: TransportState): void;
}

export interface Transport {
  readonly local: LocalParameters;
  /** For a transport that offered: connects to the peer that answered. Called once. */
  accept(remote: PeerParameters): void;
  /** Sends one RTP or RTCP packet; the bytes may be reused as soon as it returns. Packets are dropped until connected. */
  send(packet: Uint8Array): void;
  /** Idempotent. The listener hears `closed`. */
  close(): void;
}

export interface Transports {
  /** Opens the offering side, ICE-controlling. Resolves when its candidates are known. */
  offer(listener: TransportListener): Promise<Transport>;
  /** Opens the answering side towards a peer that offered. */
  answer(remote: PeerParameters, listener: TransportListener): Promise<Transport>;
}
