/**
 * Header extensions without which what is sent cannot be told apart: the m-line of a packet, and its simulcast layer.
 *
 * Since Chromium 143 a new transceiver offers what the first one of its kind has negotiated
 * (https://chromestatus.com/feature/5135528638939136). Who received a picture before switching on their own camera would
 * offer layers without names, and Chromium itself refuses such an offer. Other browsers offer them always, and have no such
 * methods.
 */
const needed = new Set([
  "urn:ietf:params:rtp-hdrext:sdes:mid",
  "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id",
  "urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id",
]);

interface HeaderExtension {
  readonly uri: string;
  readonly direction: RTCRtpTransceiverDirection;
}

/** As in https://w3c.github.io/webrtc-extensions/#rtp-header-extension-control. */
export interface Extensible {
  getHeaderExtensionsToNegotiate?(): readonly HeaderExtension[];
  setHeaderExtensionsToNegotiate?(extensions: readonly HeaderExtension[]): void;
}

/** To be called before the transceiver is offered for the first time. */
export function offerNames(transceiver: Partial<RTCRtpTransceiver> & Extensible): void {
  const offered = transceiver.getHeaderExtensionsToNegotiate?.() ?? [];
  if (!offered.some(isMissing)) return;
  transceiver.setHeaderExtensionsToNegotiate?.(
    offered.map((extension) => (isMissing(extension) ? { ...extension, direction: "sendrecv" } : extension)),
  );
}

function isMissing({ uri, direction }: HeaderExtension): boolean {
  return needed.has(uri) && direction === "stopped";
}
