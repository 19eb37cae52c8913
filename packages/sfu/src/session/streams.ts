/** The names of streams that we announce. */
import type { AnnouncedStream } from "../sdp/description.ts";
import type { Section } from "./section.ts";

/** A stream of `publisher` and its retransmissions, under SSRCs that nothing in the session has (RFC 3550 §8). */
export function newStream(publisher: string, sections: readonly Section[], random32: () => number): AnnouncedStream {
  const used = ssrcsOf(sections);
  const ssrc = newSsrc(used, random32);
  const repairSsrc = newSsrc(used.add(ssrc), random32);
  return { ssrc, repairSsrc, cname: publisher, streamId: publisher, trackId: `track-${ssrc}` };
}

function newSsrc(used: ReadonlySet<number>, random32: () => number): number {
  for (;;) {
    const ssrc = random32();
    if (!used.has(ssrc)) return ssrc;
  }
}

/** Those that the peer announced, those heard since, and ours. */
function ssrcsOf(sections: readonly Section[]): Set<number> {
  const used = new Set([0]);
  for (const { inbound, outbound } of sections) {
    if (inbound.state === "publishing") {
      for (const ssrc of inbound.publication.announcedSsrcs) used.add(ssrc);
      for (const { ssrc } of inbound.publication.layers.values()) if (ssrc !== undefined) used.add(ssrc);
    }
    if (outbound.state === "none" || outbound.state === "closed") continue;
    used.add(outbound.stream.ssrc);
    if (outbound.stream.repairSsrc !== undefined) used.add(outbound.stream.repairSsrc);
  }
  return used;
}
