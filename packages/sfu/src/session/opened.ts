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
}

/** A new ufrag asks for an ICE restart, which the transport cannot do; a new session is the way (calls-api: none documented). */
export function checkSamePeer({ remoteUfrag }: OpenedTransport, description: Description): void {
  if (remoteUfrag === undefined || remoteUfrag === description.transport.iceUfrag) return;
  throw new RefusedError("invalid_session_description", "ICE restart is not supported. Start a new session instead.");
}
