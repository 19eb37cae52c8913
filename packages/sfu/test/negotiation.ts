/** One session under test, and a publisher `pub` whose tracks it may pull, negotiating in SDP text like a peer. */
import { readFileSync } from "node:fs";
import { unwrap } from "@satsuma/protocol";
import { defaultLimits } from "../src/config.ts";
import type { Publication } from "../src/forward/publication.ts";
import type { Description, MediaSection } from "../src/sdp/description.ts";
import { readDescription } from "../src/sdp/read.ts";
import { writeDescription } from "../src/sdp/write.ts";
import { Session } from "../src/session/session.ts";
import { accepting, type OfferedLine, sdp } from "./descriptions.ts";

export const local = (mid: string, trackName: string) => ({ location: "local" as const, mid, trackName });
export const remote = (trackName: string) => ({ location: "remote" as const, sessionId: "pub", trackName });

export function begin() {
  let random = 0;
  let names = 0;
  const newName = () => {
    names += 1;
    return `name-${names}`;
  };
  const session = new Session({
    id: "me",
    limits: defaultLimits,
    random32: () => {
      random += 1;
      return random;
    },
    newName,
  });
  return {
    session,
    push: (lines: OfferedLine[], tracks: ReturnType<typeof local>[]) =>
      unwrap(session.push(read(sdp(lines)), tracks, false)),
    pull: (tracks: ReturnType<typeof remote>[]) => unwrap(session.pull(tracks, finder())),
    accept: (media: readonly MediaSection[] = []) =>
      unwrap(session.renegotiate(read(accepting(text(media)).sdp), finder())),
  };
}

const defaults = [
  ["audio", "a", "x=1"],
  ["audio", "a2", "x=2"],
  ["video", "v", ""],
  ["video", "v2", "y=2"],
] as const;

/** Finds the tracks of a publisher `pub`: kind, name and format parameters. */
export function finder(tracks: readonly (readonly ["audio" | "video", string, string])[] = defaults) {
  const publisher = new Session({ id: "pub", limits: defaultLimits, random32: () => 1, newName: () => "unnamed" });
  const lines = tracks.map(([kind, , parameters], index): OfferedLine => {
    const [payloads, map] = kind === "audio" ? ["100", "opus/48000/2"] : ["101", "VP8/90000"];
    const fmtp = parameters === "" ? [] : [`a=fmtp:${payloads} ${parameters}`];
    return { mid: String(index), kind, payloads, attributes: [`a=rtpmap:${payloads} ${map}`, ...fmtp] };
  });
  const asked = tracks.map(([, name], index) => local(String(index), name));
  const { consequences } = unwrap(publisher.push(read(sdp(lines)), asked, false));
  const found = new Map(
    consequences.published.map((publication): [string, Publication] => [publication.trackName, publication]),
  );
  return (session: string, name: string) => (session === "pub" ? found.get(name) : undefined);
}

export function text(media: readonly MediaSection[] = []): string {
  const fingerprint = { algorithm: "sha-256", value: Array.from({ length: 32 }, () => "CD").join(":") };
  const transport = {
    iceUfrag: "ours",
    icePwd: "q".repeat(24),
    iceLite: false,
    fingerprint,
    setup: "actpass",
  } as const;
  return writeDescription({ id: "1", version: 1, transport: { ...transport, candidates: [] }, media });
}

export function read(description: string): Description {
  return unwrap(readDescription(description, 512));
}

export function fixture(name: string): string {
  return readFileSync(new URL(`../src/sdp/fixtures/${name}.sdp`, import.meta.url), "utf8");
}
