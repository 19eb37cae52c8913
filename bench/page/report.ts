/** What pages with many tiles cost, as a table for people, and as a page with a chart for the docs. */
import { cpus, loadavg } from "node:os";
import { chartOf } from "../bars.ts";
import { frameRate } from "./media.ts";
import type { Words } from "./visitor.ts";

export interface Measured {
  readonly tiles: number;
  readonly size: string;
  /** Percent of one core: the page's own processes, and all of the browser's. */
  readonly page: number;
  readonly browser: number;
  /** Bytes. */
  readonly heap: number;
  readonly memory: number;
  /** Decoded, of each of the others. */
  readonly framesPerSecond: number;
  /** bits/s that come in. */
  readonly mediaBitrate: number;
  /** Milliseconds from pressing Join until a frame of everybody was decoded. */
  readonly joined: number;
  readonly callsToJoin: number;
  readonly joining: Words;
  readonly callsAtRest: number;
  readonly socketBytesPerSecond: number;
  /** Calls when the window became so small that most are out of sight, and when it became large again. */
  readonly callsToHide: number;
  readonly callsToShow: number;
  /** Of the others, how many moved again within half a minute after that. */
  readonly again: number;
}

const heads = [
  "others",
  "picture",
  "page",
  "browser",
  "frames/s",
  "media in",
  "heap",
  "memory",
  "all seen after",
  "calls to join",
  "bytes of them",
  "socket",
  "calls at rest",
  "calls, small window",
  "calls, large again",
];

export function table(measured: readonly Measured[]): string {
  const rows = measured.map((one) => [
    one.tiles,
    one.size,
    `${one.page.toFixed(0)} %`,
    `${one.browser.toFixed(0)} %`,
    one.framesPerSecond.toFixed(1),
    `${(one.mediaBitrate / 1_000_000).toFixed(2)} Mbit/s`,
    megabytes(one.heap),
    megabytes(one.memory),
    `${(one.joined / 1_000).toFixed(1)} s`,
    one.callsToJoin,
    `${(one.joining.callBytes / 1_000).toFixed(0)} kB`,
    `${one.socketBytesPerSecond.toFixed(0)} B/s`,
    one.callsAtRest,
    one.callsToHide,
    `${one.callsToShow}, ${one.again} back`,
  ]);
  const line = (cells: readonly (string | number)[]) => `| ${cells.join(" | ")} |`;
  return [line(heads), line(heads.map(() => "---")), ...rows.map(line)].join("\n");
}

export function chart(measured: readonly Measured[]): string {
  const bars = (value: (one: Measured) => number) =>
    measured.map((one) => ({ label: `${one.tiles} others`, value: value(one) }));
  return chartOf([
    { title: "Percent of one core, the page", bars: bars(({ page }) => page) },
    { title: "Percent of one core, all of the browser", bars: bars(({ browser }) => browser) },
    { title: "MB of JavaScript heap", bars: bars(({ heap }) => heap / 1_000_000) },
    { title: "Calls to join", bars: bars(({ callsToJoin }) => callsToJoin) },
  ]);
}

export function page(measured: readonly Measured[], date: string): string {
  const asked = measured.map(({ tiles, joining }) => {
    const kinds = Object.entries(joining.calls).map(([kind, count]) => `${count} × \`${kind}\``);
    return `- ${tiles} others: ${kinds.join(", ")}`;
  });
  return `# A page with many tiles

![Cost of a page by tiles](page.svg)

\`npm run bench:page -- --write\`, ${date}. ${machine()}.

${table(measured)}

The meeting app in a real Chromium without a GPU, 1280×800, with a fake camera of its own that it encodes and sends at
640×360. The others are members without a browser: each has a socket, a media session and a connection of its own, over which it
sends pictures (VP8, ${frameRate} a second, in the size that the tile needs) and sound (Opus) that Chromium encoded before. Three
speak, the others are muted. All of it, the server included, is on the same cores, so above about 150 % of a core for the browser
nothing but the machine is measured.

- **Page** is the processor time of the renderers: scripts, decoding, drawing. **Browser** is all of Chromium's processes: drawing
  without a GPU, network, the fake devices.
- **Heap** is JavaScript after a collection, **memory** what the page's process holds.
- **Calls** are requests to the media server's API, which is also what a server has to bear. From pressing Join until three seconds
  after everybody was seen:
${asked.join("\n")}
- **Small window**: it shrinks to 400×320, where a few tiles are in sight, for six seconds; **large again**: everybody comes back at
  once.
`;
}

export function machine(): string {
  const load = loadavg()[0]?.toFixed(1);
  return `${cpus().length} × ${cpus()[0]?.model ?? "unknown"}, Node ${process.versions.node}, ${process.platform}, load ${load}`;
}

function megabytes(bytes: number): string {
  return `${(bytes / 1_000_000).toFixed(1)} MB`;
}
