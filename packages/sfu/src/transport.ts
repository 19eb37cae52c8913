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

export interface ChannelOptions {
  readonly label: string;
  /** SCTP stream id, agreed outside of SCTP (WebRTC's `negotiated`). */
  readonly id: number;
  readonly ordered: boolean;
  /** At most one of the two bounds repetition: times, or milliseconds. */
  readonly maxRetransmits: number | undefined;
  readonly maxPacketLifeTime: number | undefined;
}

export interface Channel {
  /** Text or bytes. Kept until the channel is open; false when it is closed or its peer is too slow to take more. */
  send(message: string | Uint8Array): boolean;
  /** Idempotent. The listener hears nothing more. */
  close(): void;
}

export interface ChannelListener {
  message(message: string | Uint8Array): void;
  /** The peer or the connection ended it. */
  closed(): void;
}

export interface Transport {
  readonly local: LocalParameters;
  /** For a transport that offered: connects to the peer that answered, with data channels if both want them. Called once. */
  accept(remote: PeerParameters, channels: boolean): void;
  /** Another address of the peer, which came after its description: `1 1 UDP 2122 192.0.2.1 5000 typ host`. */
  learn(candidate: string): void;
  /** Sends one RTP or RTCP packet; the bytes may be reused as soon as it returns. Packets are dropped until connected. */
  send(packet: Uint8Array): void;
  /**
   * Sets up SCTP beside the media, on a transport that is connected. To be called before the peer is told of data
   * channels. `label` announces one in band (RFC 8832).
   */
  openChannels(label: string | undefined): void;
  /** Opens a data channel, once data channels are set up. */
  channel(options: ChannelOptions, listener: ChannelListener): Channel;
  /** Idempotent. The listener hears `closed`. */
  close(): void;
}

/** Whether a transport begins with data channels; as in `openChannels`. */
export interface FirstChannels {
  readonly label: string | undefined;
}

export interface Transports {
  /**
   * Opens the offering side, ICE-controlling. Resolves when its candidates are known. Only with `thirdParty` may the peer
   * that answers be an ICE-lite one.
   */
  offer(listener: TransportListener, channels?: FirstChannels, thirdParty?: boolean): Promise<Transport>;
  /** Opens the answering side towards a peer that offered. */
  answer(remote: PeerParameters, listener: TransportListener, channels?: FirstChannels): Promise<Transport>;
}
