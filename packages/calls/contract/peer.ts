/** A real WebRTC peer for the contract: it publishes a microphone on a connection that is up, and can pull. */
import type { CallsClient } from "@satsuma/calls";
import type { SessionDescription, TrackObject, TracksResponse } from "@satsuma/protocol";
import datachannel, { type Track } from "node-datachannel";

export class Peer {
  readonly session: string;
  /** Resolves with whether the connection came up. */
  readonly connected: Promise<boolean>;
  readonly #calls: CallsClient;
  readonly #connection = new datachannel.PeerConnection("peer", {
    iceServers: [],
    // libdatachannel (0.24.5) may begin DTLS before it has stored an answer's fingerprint, and then refuses its own peer.
    disableFingerprintVerification: true,
  });
  /** Native objects end when their wrappers are collected. */
  readonly #held: Track[] = [];

  private constructor(calls: CallsClient, session: string) {
    this.#calls = calls;
    this.session = session;
    this.#connection.onTrack((track) => this.#held.push(track));
    const { promise, resolve } = Promise.withResolvers<boolean>();
    this.connected = promise;
    this.#connection.onStateChange((state) => {
      if (state === "connected") resolve(true);
      if (state === "failed" || state === "closed") resolve(false);
    });
  }

  static async open(calls: CallsClient): Promise<Peer> {
    const { sessionId } = await calls.newSession();
    return new Peer(calls, sessionId);
  }

  async publish(trackName: string): Promise<TracksResponse> {
    const microphone = new datachannel.Audio("0", "SendOnly");
    microphone.addOpusCodec(111);
    microphone.addSSRC(4_711, "peer");
    this.#held.push(this.#connection.addTrack(microphone));
    const sessionDescription = await this.#described("offer", () => this.#connection.setLocalDescription("offer"));
    const tracks = [{ location: "local" as const, mid: "0", trackName }];
    const pushed = await this.#calls.newTracks(this.session, { tracks, sessionDescription });
    this.#connection.setRemoteDescription(pushed.sessionDescription?.sdp ?? "", "answer");
    return pushed;
  }

  async pull(tracks: TrackObject[]): Promise<TracksResponse> {
    const pulled = await this.#calls.newTracks(this.session, { tracks });
    if (pulled.sessionDescription !== undefined) await this.answer(pulled.sessionDescription);
    return pulled;
  }

  /** Answers an offer of the service's. */
  async answer({ sdp }: SessionDescription) {
    const answer = await this.#described("answer", () => this.#connection.setRemoteDescription(sdp, "offer"));
    return this.#calls.renegotiate(this.session, answer);
  }

  close(): void {
    this.#connection.close();
    for (const track of this.#held) track.close();
  }

  #described(type: SessionDescription["type"], start: () => void): Promise<SessionDescription> {
    return new Promise((resolve) => {
      this.#connection.onGatheringStateChange((state) => {
        const description = this.#connection.localDescription();
        if (state === "complete" && description?.type === type) resolve({ type, sdp: description.sdp });
      });
      this.#connection.onLocalDescription((sdp, made) => {
        if (made === type) resolve({ type, sdp });
      });
      start();
    });
  }
}
