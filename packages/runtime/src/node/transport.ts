/**
 * ICE, DTLS and SRTP by libdatachannel (node-datachannel): the SFU's `Transports` on Node.
 *
 * libdatachannel never sees a browser's m-lines. It is given a private description with one catch-all video line, and
 * then hands every RTP and RTCP packet of the bundle to that one track, whatever its SSRC; see
 * docs/decisions/0001-media-engine.md. All sessions share one UDP port, but those with an ICE-lite peer: on a shared port
 * libjuice (node-datachannel 0.33) knows a peer by the checks that it sends, and a lite one sends none.
 */
import { createSocket } from "node:dgram";
import { isIPv4 } from "node:net";
import { networkInterfaces } from "node:os";
import type {
  Channel,
  ChannelListener,
  ChannelOptions,
  FirstChannels,
  LocalParameters,
  PeerParameters,
  Transport,
  TransportListener,
  TransportState,
  Transports,
} from "@satsuma/sfu";
import datachannel, { type PeerConnection, type Track } from "node-datachannel";
import { type Certificate, newCertificate } from "./certificate.ts";
import { Channels } from "./channels.ts";
import { type Credentials, OfferedTransport } from "./offered-transport.ts";
import { applicationMid, portOf, readPrivateDescription, writePrivateDescription } from "./private-description.ts";
import { withSideDoor } from "./side-door.ts";

export interface TransportConfig {
  /** UDP port for all media. */
  readonly port: number;
  /** Address to bind; undefined means all. */
  readonly bindAddress: string | undefined;
  /**
   * Addresses that peers are told to send to. Undefined means every IPv4 and IPv6 address of this machine. Behind NAT,
   * name the public one.
   */
  readonly advertise: readonly string[] | undefined;
  /** A second UDP port, for Chromium behind TURN over TCP (side-door.ts). Undefined: such a peer cannot connect. */
  readonly sideDoor?: number;
}

/** What libdatachannel's own lines count up to behind the one of media. */
const firstApplicationMid = "1";

/** Hears what went wrong inside a callback of libdatachannel; the connection that it was about is closed. */
export type OnError = (error: unknown) => void;

/** ms in which libdatachannel must have made its local description; without STUN servers it needs none of the network. */
const gatheringLimit = 5_000;

export interface OpenTransports extends Transports {
  /** Gives the port back once the last transport is closed. Idempotent. */
  close(): void;
}

/**
 * Takes the media port for as long as the process wants it. Rejects with the socket's error when it cannot be bound
 * (`EADDRINUSE`): libdatachannel would only say that something failed, so a socket of our own asks first.
 */
export async function openTransports(config: TransportConfig, onError: OnError): Promise<OpenTransports> {
  await tryPort(config);
  const addresses = config.advertise ?? localAddresses(config.bindAddress);
  const candidatesOn = (port: number) => addresses.map((address, index) => hostCandidate(address, port, index));
  const certificate = await newCertificate(new Date());
  const shared: Door = { config, certificate, own: false, candidatesOn };
  const own: Door = { config, certificate, own: true, candidatesOn };
  // libdatachannel holds the port only while a connection is there, so an offer that nobody answers is kept. Its own
  // IceUdpMuxListener would do, but does not give the port back in the same process once it was used (0.33.4).
  const begin = (
    door: Door,
    remote: PeerParameters | undefined,
    listener: TransportListener,
    channels: FirstChannels | undefined,
  ) => open(door, remote, listener, channels, onError);
  const keeper = await begin(shared, undefined, { packet: () => {}, state: () => {} }, undefined);
  const transports: OpenTransports = {
    async offer(listener, channels, thirdParty) {
      // A foreign server may be an ICE-lite one, towards which it takes the side that offers.
      if (thirdParty) return begin(own, undefined, listener, channels);
      const local = { fingerprint: certificate.fingerprint, candidates: candidatesOn(config.port) };
      return new OfferedTransport(local, listener, channels, (...answered) => connect(shared, ...answered, onError));
    },
    answer: (remote, listener, channels) => begin(remote.iceLite ? own : shared, remote, listener, channels),
    close: () => keeper.close(),
  };
  const { sideDoor, bindAddress, port } = config;
  if (sideDoor === undefined) return transports;
  const media = { address: bindAddress === undefined || bindAddress === "0.0.0.0" ? "127.0.0.1" : bindAddress, port };
  const advertise = addresses.filter((address) => isIPv4(address));
  return withSideDoor(transports, { port: sideDoor, bindAddress, advertise, media });
}

/** Where a transport's packets come in: the port that all share, or one of its own that the system chooses. */
interface Door {
  readonly config: TransportConfig;
  readonly certificate: Certificate;
  readonly own: boolean;
  /** What peers are told to send to. */
  readonly candidatesOn: (port: number) => readonly string[];
}

async function open(
  door: Door,
  remote: PeerParameters | undefined,
  listener: TransportListener,
  channels: FirstChannels | undefined,
  onError: OnError,
): Promise<Transport> {
  const transport = new DatachannelTransport(newConnection(door), listener, onError);
  try {
    await transport.start(remote, (port) => door.candidatesOn(door.own ? port : door.config.port), channels);
    return transport;
  } catch (error) {
    transport.close();
    throw error;
  }
}

/** A connection to a peer that has answered what was offered under these credentials. */
function connect(
  door: Door,
  remote: PeerParameters,
  credentials: Credentials,
  listener: TransportListener,
  channels: FirstChannels | undefined,
  onError: OnError,
): Transport {
  const transport = new DatachannelTransport(newConnection(door), listener, onError);
  try {
    transport.connect(remote, credentials, channels);
    return transport;
  } catch (error) {
    transport.close();
    throw error;
  }
}

function newConnection({ config, certificate, own }: Door): PeerConnection {
  return new datachannel.PeerConnection("sfu", {
    iceServers: [],
    ...(!own && { enableIceUdpMux: true, portRangeBegin: config.port, portRangeEnd: config.port }),
    disableAutoNegotiation: true,
    certificatePemFile: certificate.certificatePem,
    keyPemFile: certificate.keyPem,
    ...(config.bindAddress !== undefined && { bindAddress: config.bindAddress }),
  });
}

class DatachannelTransport implements Transport {
  readonly #connection: PeerConnection;
  readonly #listener: TransportListener;
  readonly #channels: Channels;
  /** The peer, once it is known, with the DTLS role that it has or will take. */
  #peer: PeerParameters | undefined;
  readonly #onError: OnError;
  #track: Track | undefined;
  /** Native objects close when their wrappers are collected, so all of them are held for the life of this one. */
  readonly #held = new Set<object>();
  #local: LocalParameters | undefined;
  #state: TransportState = "connecting";

  constructor(connection: PeerConnection, listener: TransportListener, onError: OnError) {
    this.#connection = connection;
    this.#listener = listener;
    this.#onError = onError;
    this.#channels = new Channels(connection, (step) => this.#guard(step));
    connection.onStateChange((state) => this.#guard(() => this.#enter(stateOf(state))));
  }

  get local(): LocalParameters {
    if (this.#local === undefined) throw new Error("A transport is handed out only after start().");
    return this.#local;
  }

  async start(
    remote: PeerParameters | undefined,
    candidatesOn: (port: number) => readonly string[],
    channels: FirstChannels | undefined,
  ): Promise<void> {
    const described = Promise.withResolvers<string>();
    this.#connection.onGatheringStateChange((state) => {
      if (state === "complete") described.resolve(this.#connection.localDescription()?.sdp ?? "");
    });
    if (remote === undefined) {
      const media = new datachannel.Video("0", "SendRecv");
      media.addVP8Codec(96);
      this.#held.add(media);
      this.#listen(this.#connection.addTrack(media));
      if (channels !== undefined) this.#channels.begin(channels.label);
      this.#connection.setLocalDescription("offer");
    } else {
      this.#answer(remote, channels, undefined);
    }
    // The clock starts after the calls above: one that throws leaves no rejection behind that nobody hears.
    const timer = setTimeout(
      () => described.reject(new Error("libdatachannel made no local description.")),
      gatheringLimit,
    );
    try {
      const sdp = await described.promise;
      this.#local = { ...readPrivateDescription(sdp), candidates: candidatesOn(portOf(sdp)) };
    } finally {
      clearTimeout(timer);
    }
  }

  /** To a peer that knows our credentials already. */
  connect(remote: PeerParameters, credentials: Credentials, channels: FirstChannels | undefined): void {
    // Libjuice leads the checks towards a lite peer only. We have offered, so we lead (RFC 8445 §6.1.1); without the word
    // both sides would follow, and first have to settle that.
    this.#answer({ ...remote, iceLite: true }, channels, credentials);
  }

  /** For one that offered by itself, to a foreign server. */
  accept(remote: PeerParameters, channels: boolean): void {
    this.#peer = remote;
    const application = channels ? applicationMid(this.#connection.localDescription()?.sdp ?? "") : undefined;
    // Candidates come after, each by itself: inside the answer libdatachannel (0.24.5) sometimes refuses them, when the
    // peer's own checks have come first, and throws after it has taken everything else.
    this.#connection.setRemoteDescription(
      writePrivateDescription({ ...remote, candidates: [] }, application),
      "answer",
    );
    for (const candidate of remote.candidates) this.learn(candidate);
  }

  learn(candidate: string): void {
    if (this.#state === "closed") return;
    try {
      this.#connection.addRemoteCandidate(`candidate:${candidate}`, "0");
    } catch {
      // A refused address only makes the way to a connection longer: the peer's own checks lead there too.
    }
  }

  send(packet: Uint8Array): void {
    if (this.#state !== "connected" || this.#track === undefined) return;
    try {
      // It copies into its own memory before it returns. Its types say Buffer; it takes any Uint8Array, as Node-API does for one,
      // and a Buffer for each packet would cost as much as filling it.
      this.#track.sendMessageBinary(packet as Buffer);
    } catch {
      // The peer closed the track on libdatachannel's own thread, and the state that says so is on its way to us. What
      // is thrown here must not leave a packet callback: node-datachannel 0.33 ends the process for that.
    }
  }

  openChannels(label: string | undefined): void {
    if (this.#peer === undefined) throw new Error("Data channels are opened on a transport that is connected.");
    this.#channels.open(this.#peer, label);
  }

  channel(options: ChannelOptions, listener: ChannelListener): Channel {
    return this.#channels.create(options, listener);
  }

  close(): void {
    this.#enter("closed");
  }

  #answer(remote: PeerParameters, channels: FirstChannels | undefined, credentials: Credentials | undefined): void {
    this.#connection.onTrack((track) => this.#listen(track));
    if (channels !== undefined) this.#channels.begin(channels.label);
    const application = channels === undefined ? undefined : firstApplicationMid;
    this.#connection.setRemoteDescription(writePrivateDescription(remote, application), "offer");
    this.#connection.setLocalDescription("answer", credentials);
    const { setup } = readPrivateDescription(this.#connection.localDescription()?.sdp ?? "");
    this.#peer = { ...remote, setup: setup === "passive" ? "active" : "passive" };
  }

  #listen(track: Track): void {
    this.#track = track;
    // Without a listener for its end the wrapper never lets go of a track, nor the process of the wrapper (0.33.4).
    track.onClosed(() => {});
    track.onMessage((packet) => {
      if (this.#state !== "closed") this.#guard(() => this.#listener.packet(packet));
    });
  }

  /** What is thrown out of a callback ends the process (node-datachannel 0.33), so it ends this connection instead. */
  #guard(step: () => void): void {
    try {
      step();
    } catch (error) {
      this.#onError(error);
      this.close();
    }
  }

  #enter(state: TransportState): void {
    if (state === this.#state || this.#state === "closed") return;
    this.#state = state;
    try {
      this.#listener.state(state);
    } finally {
      if (state === "closed") this.#release();
    }
  }

  /** A failed or peer-closed connection keeps its memory until it is closed from this side too. */
  #release(): void {
    this.#channels.close();
    this.#connection.close();
    // A track that never opened is not closed with its connection.
    this.#track?.close();
  }
}

function stateOf(state: string): TransportState {
  switch (state) {
    case "connected":
    case "disconnected":
      return state;
    case "failed":
    case "closed":
      return "closed";
    default:
      return "connecting";
  }
}

async function tryPort(config: TransportConfig): Promise<void> {
  const socket = createSocket(config.bindAddress?.includes(":") ? "udp6" : "udp4");
  try {
    await new Promise<void>((resolve, reject) => {
      socket.once("error", reject);
      socket.bind({ port: config.port, address: config.bindAddress ?? "0.0.0.0", exclusive: true }, resolve);
    });
  } finally {
    await new Promise<void>((resolve) => {
      try {
        socket.close(() => resolve());
      } catch {
        // A socket that never bound is closed already.
        resolve();
      }
    });
  }
}

/** Loopback comes last: it serves a browser on this machine when there is no network at all. */
function localAddresses(bindAddress: string | undefined): string[] {
  if (bindAddress !== undefined && bindAddress !== "0.0.0.0" && bindAddress !== "::") return [bindAddress];
  const all = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  const usable = all.filter((address) => address.family === "IPv4");
  return [...usable.filter((a) => !a.internal), ...usable.filter((a) => a.internal)].map((a) => a.address);
}

/** RFC 8839 §5.1; priority by RFC 8445 §5.1.2.1 with type preference 126 for host. */
function hostCandidate(address: string, port: number, index: number): string {
  const priority = 126 * 2 ** 24 + (65_535 - index) * 2 ** 8 + 255;
  return `${index + 1} 1 UDP ${priority} ${address} ${port} typ host`;
}
