/** A WebRTC peer that shares no code with ours: werift's ICE, DTLS and SRTP, full or lite, on the loopback address. */
import { MediaStreamTrack, RTCPeerConnection, RtpHeader, RtpPacket, useOPUS } from "werift";
import type { TestSfu } from "./rtc-client.ts";
import { Ear, frameSize, toneSource } from "./tone.ts";

export class ForeignPeer {
  readonly connection: RTCPeerConnection;
  readonly ear: Ear;
  readonly #microphone = new MediaStreamTrack({ kind: "audio" });
  #speaking: NodeJS.Timeout | undefined;
  #sequence = 0;

  static async open(iceLite: boolean): Promise<ForeignPeer> {
    return new ForeignPeer(iceLite, await Ear.open());
  }

  private constructor(iceLite: boolean, ear: Ear) {
    this.ear = ear;
    this.connection = new RTCPeerConnection({
      codecs: { audio: [useOPUS()] },
      bundlePolicy: "max-bundle",
      iceLite,
      iceServers: [],
      iceUseIpv6: false,
      iceInterfaceAddresses: { udp4: "127.0.0.1" },
      iceAdditionalHostAddresses: ["127.0.0.1"],
    });
    this.connection.onTrack.subscribe((track) => {
      track.onReceiveRtp.subscribe(({ payload }) => ear.hear(payload));
    });
  }

  get connected(): boolean {
    return this.connection.connectionState === "connected";
  }

  /** Answers an offer, with a microphone wherever the offer wants to receive. */
  async answer(sdp: string): Promise<string> {
    if (sdp.includes("a=sendrecv")) this.connection.addTransceiver(this.#microphone, { direction: "sendrecv" });
    await this.connection.setRemoteDescription({ type: "offer", sdp });
    await this.connection.setLocalDescription(await this.connection.createAnswer());
    return this.connection.localDescription?.sdp ?? "";
  }

  /** An offer that sends the microphone. */
  async offer(): Promise<string> {
    this.connection.addTransceiver(this.#microphone, { direction: "sendonly" });
    await this.connection.setLocalDescription(await this.connection.createOffer());
    return this.connection.localDescription?.sdp ?? "";
  }

  /** Sends a tone in real time until it is closed. */
  async speak(hertz: number): Promise<void> {
    const next = await toneSource(hertz);
    this.#speaking = setInterval(() => {
      this.#sequence += 1;
      const header = new RtpHeader({
        payloadType: 111,
        sequenceNumber: this.#sequence & 0xffff,
        timestamp: (this.#sequence * frameSize) >>> 0,
      });
      this.#microphone.writeRtp(new RtpPacket(header, Buffer.from(next())));
    }, 20);
  }

  close(): void {
    clearInterval(this.#speaking);
    void this.connection.close();
  }
}

/** A peer that publishes a tone as `mic`. */
export async function speaker(
  sfu: TestSfu,
  hertz: number,
  iceLite = false,
): Promise<{ session: string; peer: ForeignPeer }> {
  const [session, peer] = [await sfu.session(), await ForeignPeer.open(iceLite)];
  const { json } = await sfu.call("POST", `sessions/${session}/tracks/new`, {
    tracks: [{ location: "local", mid: "0", trackName: "mic" }],
    sessionDescription: { type: "offer", sdp: await peer.offer() },
  });
  await peer.connection.setRemoteDescription({ type: "answer", sdp: json.sessionDescription?.sdp ?? "" });
  await peer.speak(hertz);
  return { session, peer };
}

/** A peer that receives one track. */
export async function listener(sfu: TestSfu, sessionId: string, trackName: string): Promise<ForeignPeer> {
  const [session, peer] = [await sfu.session(), await ForeignPeer.open(false)];
  const pulled = await sfu.call("POST", `sessions/${session}/tracks/new`, {
    tracks: [{ location: "remote", sessionId, trackName }],
  });
  const sdp = await peer.answer(pulled.json.sessionDescription?.sdp ?? "");
  await sfu.call("PUT", `sessions/${session}/renegotiate`, { sessionDescription: { type: "answer", sdp } });
  return peer;
}
