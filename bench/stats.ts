/**
 * `npm run record:stats`: what a real Chromium says of its connection on good and on bad days, for the tests of quality.
 *
 * A call of two in the meeting app. Whose statistics are taken comes through the relay of the test kit; on the slow day their
 * page has a fifth of the processor's time. Every two seconds, as the client looks, for half a minute; only what is read is kept.
 * Writes packages/client/src/quality/fixtures/. Takes four minutes, of a machine with nothing else to do: a busy one has no good days.
 */
import { mkdir, writeFile } from "node:fs/promises";
import type { Conditions } from "@satsuma/testkit";
import { Chromium } from "../apps/meet/test/stage/browser.ts";
import { Doorway } from "../apps/meet/test/stage/doorway.ts";
import { Person } from "../apps/meet/test/stage/person.ts";
import { processesOf, signal } from "../apps/meet/test/stage/processes.ts";
import { type Server, startServer } from "../apps/meet/test/stage/server.ts";
import { until } from "../apps/meet/test/stage/until.ts";

interface Day {
  readonly name: string;
  readonly conditions: Partial<Conditions>;
  readonly slow?: boolean;
}

const days: readonly Day[] = [
  { name: "good", conditions: { delay: 15, jitter: 3 } },
  { name: "lossy", conditions: { delay: 30, jitter: 5, loss: 0.12 } },
  { name: "narrow", conditions: { delay: 30, rate: 150_000, queue: 400 } },
  { name: "slow", conditions: { delay: 15 }, slow: true },
];
const seed = 7;
const interval = 2_000;
const looks = 16;
const folder = new URL("../packages/client/src/quality/fixtures/", import.meta.url);

/** By type, what the client reads (packages/client/src/quality/sample.ts), beside id, type and kind. */
const read: Readonly<Record<string, readonly string[]>> = {
  "inbound-rtp": [
    ...["trackIdentifier", "mid", "packetsReceived", "packetsLost", "bytesReceived", "jitter", "audioLevel"],
    ...["totalFreezesDuration", "totalSamplesReceived", "concealedSamples", "silentConcealedSamples"],
    ...["frameWidth", "frameHeight", "framesDecoded"],
  ],
  "outbound-rtp": [
    ...["mid", "rid", "packetsSent", "bytesSent", "framesEncoded", "frameWidth", "frameHeight"],
    ...["qualityLimitationReason", "remoteId", "mediaSourceId"],
  ],
  "remote-inbound-rtp": ["packetsLost", "jitter", "roundTripTime"],
  "media-source": ["audioLevel"],
  "candidate-pair": ["currentRoundTripTime", "availableOutgoingBitrate", "localCandidateId", "nominated", "state"],
  "local-candidate": ["candidateType"],
  transport: ["selectedCandidatePairId", "packetsReceived"],
};

const server = await startServer();
const [anna, ben] = await Promise.all([
  Chromium.start({ camera: { width: 640, height: 360 }, frameRate: 30, pitch: 210 }),
  Chromium.start({ camera: { width: 640, height: 360 }, pitch: 120 }),
]);
try {
  await mkdir(folder, { recursive: true });
  for (const day of days) {
    process.stderr.write(`${day.name} … `);
    const { version, reports } = await spend(day, server);
    const { name: _, ...how } = day;
    const head = { browser: `Chromium ${version}`, ...how, seed, interval };
    // A line for each report, so that a change of one is seen as that.
    const lines = reports.map((report) => JSON.stringify(report)).join(",\n");
    const text = `${JSON.stringify(head).slice(0, -1)},"reports":[\n${lines}\n]}\n`;
    await writeFile(new URL(`${day.name}.json`, folder), text);
    process.stderr.write(`${text.length} bytes\n`);
  }
} finally {
  await Promise.all([anna.close(), ben.close()]);
  await server.stop();
}

async function spend({ name, conditions, slow = false }: Day, { tcpPort, udpPort, url }: Server) {
  const doorway = await Doorway.open({ http: tcpPort, media: udpPort, seed });
  const people = await Promise.all([
    Person.inCall("Anna", anna, doorway.url, name),
    Person.inCall("Ben", ben, url, name),
  ]);
  const [{ page }, other] = people;
  try {
    await Promise.all([people[0].sees("Ben"), other.sees("Anna")]);
    // The browser's first estimate is low on every day.
    await until("everything is sent", () => page.evaluate(isUnlimited), 90_000);
    doorway.relay.change("up", conditions);
    doorway.relay.change("down", conditions);
    const brake = slow ? slowDown() : undefined;
    const version = await page.evaluate(() => /Chrom\w*\/([\d.]+)/.exec(navigator.userAgent)?.[1]);
    const reports: unknown[] = [];
    for (let look = 0; look < looks; look += 1) {
      await new Promise((resolve) => setTimeout(resolve, interval));
      reports.push(await page.evaluate(report, read));
    }
    brake?.();
    return { version, reports };
  } finally {
    await Promise.all(people.map((person) => person.close()));
    await doorway.close();
  }
}

/** Lets the page's processes run for a fifth of each tenth of a second. */
function slowDown(): () => void {
  const pids = processesOf(anna.pid, "renderer");
  let resume: NodeJS.Timeout | undefined;
  const beat = setInterval(() => {
    signal(pids, "SIGSTOP");
    resume = setTimeout(() => signal(pids, "SIGCONT"), 80);
  }, 100);
  return () => {
    clearInterval(beat);
    clearTimeout(resume);
    signal(pids, "SIGCONT");
  };
}

/** Whether each layer of the camera is sent, and nothing holds the encoder back. */
async function isUnlimited(): Promise<boolean> {
  const { satsuma } = globalThis as unknown as { satsuma?: { peerConnection?: RTCPeerConnection } };
  const entries = [...((await satsuma?.peerConnection?.getStats())?.values() ?? [])];
  const layers = entries.filter(({ type, kind }) => type === "outbound-rtp" && kind === "video");
  const isWell = ({ framesEncoded, qualityLimitationReason }: Record<string, unknown>) =>
    Number(framesEncoded) > 30 && qualityLimitationReason === "none";
  return layers.length > 0 && layers.every(isWell);
}

async function report(read: Readonly<Record<string, readonly string[]>>) {
  const { satsuma } = globalThis as unknown as { satsuma?: { peerConnection?: RTCPeerConnection } };
  const at = Math.round(performance.now());
  const all = (await satsuma?.peerConnection?.getStats()) ?? new Map<string, Record<string, unknown>>();
  const selected = new Set<unknown>();
  for (const entry of all.values()) if (entry.type === "transport") selected.add(entry.selectedCandidatePairId);
  const pairs = [...all.values()].filter(({ id }) => selected.has(id));
  for (const pair of pairs) selected.add(pair.localCandidateId);
  const entries: Record<string, unknown>[] = [];
  for (const entry of all.values()) {
    const fields = read[entry.type];
    if (fields === undefined) continue;
    if (["candidate-pair", "local-candidate"].includes(entry.type) && !selected.has(entry.id)) continue;
    const kept: Record<string, unknown> = { id: entry.id, type: entry.type };
    if (entry.kind !== undefined) kept.kind = entry.kind;
    for (const field of fields) {
      const value = entry[field];
      if (value === undefined) continue;
      kept[field] = typeof value === "number" ? Math.round(value * 10_000) / 10_000 : value;
    }
    entries.push(kept);
  }
  return { at, entries };
}
