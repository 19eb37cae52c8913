/** The m-line on which a simulated publisher offers a track, as Chromium would. */
import type { OfferedLine } from "../descriptions.ts";
import { type Track, uris } from "./publisher.ts";

const audio = [
  "a=rtpmap:111 opus/48000/2",
  "a=rtcp-fb:111 transport-cc",
  `a=extmap:4 ${uris.mid}`,
  `a=extmap:3 ${uris.transportWide}`,
];

function video(codec: string): string[] {
  return [
    `a=rtpmap:96 ${codec}/90000`,
    ...["goog-remb", "transport-cc", "ccm fir", "nack", "nack pli"].map((value) => `a=rtcp-fb:96 ${value}`),
    "a=rtpmap:97 rtx/90000",
    "a=fmtp:97 apt=96",
    `a=extmap:4 ${uris.mid}`,
    `a=extmap:3 ${uris.transportWide}`,
    `a=extmap:10 ${uris.rid}`,
    `a=extmap:11 ${uris.repairedRid}`,
  ];
}

/** `plain` leaves out what repairs and estimates. */
export function offered({ mid, shape }: Track, plain: boolean): OfferedLine {
  const kept = (lines: readonly string[]) => lines.filter((line) => !(plain && / nack$|transport-/.test(line)));
  if (shape.kind === "audio") return { mid, kind: "audio", attributes: kept(audio) };
  const rids = shape.layers.map(({ rid }) => rid).filter((rid) => rid !== "");
  const simulcast =
    rids.length === 0 ? [] : [...rids.map((rid) => `a=rid:${rid} send`), `a=simulcast:send ${rids.join(";")}`];
  return { mid, kind: "video", attributes: [...kept(video(shape.codec ?? "VP8")), ...simulcast] };
}
