/** A WebRTC peer of libdatachannel whose every packet, RTP and RTCP, is handed to one function. */
import datachannel, { type PeerConnection, type Track } from "node-datachannel";
import { type Parameters, parametersOf, privateDescription } from "./sdp.ts";

/** ms until a connection over loopback must be there. */
const connectLimit = 15_000;

export class Peer {
  readonly #connection: PeerConnection;
  readonly #packet: (packet: Buffer) => void;
  readonly #connected = Promise.withResolvers<void>();
  #track: Track | undefined;
  /** Native objects close when their wrappers are collected. */
  readonly #held = new Set<object>();

  constructor(packet: (packet: Buffer) => void) {
    this.#packet = packet;
    this.#connection = new datachannel.PeerConnection("bench", {
      iceServers: [],
      bindAddress: "127.0.0.1",
      disableAutoNegotiation: true,
    });
    this.#connected.promise.catch(() => {});
    this.#connection.onStateChange((state) => {
      if (state === "connected") this.#connected.resolve();
      if (state === "failed" || state === "closed") this.#connected.reject(new Error(`The connection ${state}.`));
    });
    this.#connection.onTrack((track) => this.#listen(track));
  }

  /** Offers; `accept` takes the answer. */
  async offer(): Promise<Parameters> {
    const media = new datachannel.Video("0", "SendRecv");
    media.addVP8Codec(96);
    this.#held.add(media);
    this.#listen(this.#connection.addTrack(media));
    return this.#described(() => this.#connection.setLocalDescription("offer"));
  }

  accept(remote: Parameters): void {
    this.#connection.setRemoteDescription(privateDescription({ ...remote, candidates: [] }), "answer");
    for (const candidate of remote.candidates) this.#connection.addRemoteCandidate(`candidate:${candidate}`, "0");
  }

  async answer(remote: Parameters): Promise<Parameters> {
    return this.#described(() => {
      this.#connection.setRemoteDescription(privateDescription(remote), "offer");
      this.#connection.setLocalDescription("answer");
    });
  }

  async connected(): Promise<void> {
    const limit = setTimeout(() => this.#connected.reject(new Error("The connection took too long.")), connectLimit);
    await this.#connected.promise.finally(() => clearTimeout(limit));
  }

  send(packet: Buffer): void {
    this.#track?.sendMessageBinary(packet);
  }

  close(): void {
    this.#connection.close();
    this.#track?.close();
    this.#held.clear();
  }

  #listen(track: Track): void {
    this.#track = track;
    track.onClosed(() => {});
    track.onMessage(this.#packet);
  }

  async #described(start: () => void): Promise<Parameters> {
    const gathered = Promise.withResolvers<void>();
    this.#connection.onGatheringStateChange((state) => {
      if (state === "complete") gathered.resolve();
    });
    start();
    await gathered.promise;
    return parametersOf(this.#connection.localDescription()?.sdp ?? "");
  }
}
