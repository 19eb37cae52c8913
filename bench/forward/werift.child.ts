/** werift, a WebRTC stack in TypeScript from the sockets up, as a media server that sends on what it receives. */
import { RTCPeerConnection, RTCRtpCodecParameters, type RTCRtpTransceiver } from "werift";
import { serve } from "./process.ts";

const codecs = () => ({
  video: [
    new RTCRtpCodecParameters({
      mimeType: "video/VP8",
      clockRate: 90_000,
      rtcpFeedback: [{ type: "nack" }, { type: "nack", parameter: "pli" }, { type: "goog-remb" }],
    }),
  ],
});
const settings = () => ({
  codecs: codecs(),
  iceServers: [],
  iceUseIpv6: false,
  iceAdditionalHostAddresses: ["127.0.0.1"],
});

const pulls: { readonly connection: RTCPeerConnection; readonly transceiver: RTCRtpTransceiver }[] = [];
const receivers: RTCRtpTransceiver[] = [];
let publisher: RTCPeerConnection | undefined;

serve({
  async publish(offer: string): Promise<string> {
    publisher = new RTCPeerConnection(settings());
    publisher.onRemoteTransceiverAdded.subscribe(({ onTrack }) => {
      onTrack.subscribe((track) => {
        track.onReceiveRtp.subscribe((packet) => {
          for (const { sender } of receivers) void sender.sendRtp(packet.clone());
        });
      });
    });
    await publisher.setRemoteDescription({ type: "offer", sdp: offer });
    await publisher.setLocalDescription(await publisher.createAnswer());
    return publisher.localDescription?.sdp ?? "";
  },
  async pull(): Promise<{ id: number; offer: string }> {
    const connection = new RTCPeerConnection(settings());
    const transceiver = connection.addTransceiver("video", { direction: "sendonly" });
    await connection.setLocalDescription(await connection.createOffer());
    pulls.push({ connection, transceiver });
    return { id: pulls.length - 1, offer: connection.localDescription?.sdp ?? "" };
  },
  async answered({ id, answer }: { id: number; answer: string }): Promise<void> {
    const pull = pulls[id];
    if (pull === undefined) return;
    await pull.connection.setRemoteDescription({ type: "answer", sdp: answer });
    receivers.push(pull.transceiver);
  },
});
