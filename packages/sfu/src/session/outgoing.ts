/** The subscription behind an m-line that sends, once its codecs and extensions are settled. */
import { Subscription } from "../forward/subscription.ts";
import { redundancyOf, retransmissionOf } from "../sdp/codecs.ts";
import type { AnnouncedStream, Codec, HeaderExtension } from "../sdp/description.ts";
import type { Terms } from "./answer.ts";

/** `codec` is the one of `codecs` that is sent. */
export function newSubscription(
  stream: AnnouncedStream,
  codec: Codec,
  codecs: readonly Codec[],
  extensions: readonly HeaderExtension[],
  terms: Terms,
): Subscription {
  const retransmission = retransmissionOf(codec, codecs);
  const { ssrc, repairSsrc } = stream;
  return new Subscription({
    session: terms.session,
    ssrc,
    codec,
    extensions,
    firstSequence: terms.random16(),
    redundantPayloadType: redundancyOf(codec, codecs)?.payloadType,
    ...(retransmission &&
      repairSsrc !== undefined && {
        repair: { ssrc: repairSsrc, payloadType: retransmission.payloadType, firstSequence: terms.random16() },
      }),
  });
}
