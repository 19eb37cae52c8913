/** A session's transport once it is open, with what has been settled with its peer. */
import { RefusedError } from "@satsuma/protocol";
import type { Description } from "../sdp/description.ts";
import type { Transport } from "../transport.ts";

export interface OpenedTransport {
  readonly opened: Transport;
  /** Unknown until the peer answered a transport that offered. */
  remoteUfrag: string | undefined;
  /** Our DTLS role, settled with the first answer and kept in all later ones (RFC 8842 §5.3). */
  setup: "active" | "passive" | undefined;
  /** The mid that came first in the bundle of the last description. */
  anchor: string | undefined;
  closed: boolean;
}

/**
 * Whether the peer has gone on to another transport, so that it must be given another, too.
 *
 * By RFC 9143 a bundle's transport outlives the m-line that it hangs on, but Chromium (156) opens a new one, under the same
 * ufrag or a fresh one, when another m-line comes first. Its offer shows it: the ufrag, or that no address is named yet at
 * the m-line that comes first now.
 */
export function isLeft({ anchor, closed, remoteUfrag }: OpenedTransport, offer: Description | undefined): boolean {
  if (closed) return true;
  if (offer === undefined || anchor === undefined || offer.anchor.mid === anchor) return false;
  const fresh = !offer.anchor.gathered || offer.transport.iceUfrag !== remoteUfrag;
  return fresh && offer.media.some(({ rejected }) => !rejected);
}

/** A new ufrag asks for an ICE restart, which the transport cannot do; a new session is the way (calls-api: none documented). */
export function checkSamePeer({ remoteUfrag }: OpenedTransport, description: Description): void {
  if (remoteUfrag === undefined || remoteUfrag === description.transport.iceUfrag) return;
  throw new RefusedError("invalid_session_description", "ICE restart is not supported. Start a new session instead.");
}

/**
 * The DTLS role in a description of ours. Where we have offered first we begin, which RFC 5763 §5 would leave to the peer:
 * as the side that is waited for, libdatachannel (0.24.5) repeats no lost flight, and one connection in four over a line that
 * loses 5 % never came up. Foreign servers get what the RFC says.
 */
export function setupOf(
  type: "offer" | "answer",
  settled: "active" | "passive" | undefined,
  thirdParty: boolean,
): "actpass" | "active" | "passive" {
  if (type === "answer") return settled ?? "active";
  return settled === undefined && !thirdParty ? "active" : "actpass";
}
