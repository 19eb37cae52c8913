/** Reads what the media server says by itself. What cannot be read is a newer server's word, and left alone. */
import type { ServerNotice } from "@satsuma/protocol";

export function readNotice(data: unknown): ServerNotice | undefined {
  if (typeof data !== "string") return undefined;
  try {
    const { notice, trackName, rids }: Partial<Record<keyof ServerNotice, unknown>> = Object(JSON.parse(data));
    if (notice !== "watched" || typeof trackName !== "string" || !Array.isArray(rids)) return undefined;
    return { notice, trackName, rids: rids.filter((rid) => typeof rid === "string") };
  } catch {
    return undefined;
  }
}
