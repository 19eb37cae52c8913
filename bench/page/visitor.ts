/** The page that is measured: the meeting app in a Chromium of its own, and what its processes and its words cost. */
import { readFileSync } from "node:fs";
import type { CDPSession, Page } from "playwright-core";
import type { Chromium } from "../../apps/meet/test/stage/browser.ts";
import { type ProcessKind, processesOf } from "../../apps/meet/test/stage/processes.ts";

export interface Words {
  /** Requests to the media server's API, by what they ask. */
  readonly calls: Readonly<Record<string, number>>;
  /** Bytes of those requests and their answers, and of the room's socket. */
  readonly callBytes: number;
  readonly socketBytes: number;
}

/** Of requests that name no session. `begin` is a session with its first push and pull. */
const kinds: Readonly<Record<string, string>> = { new: "new session", begin: "begin" };

/** Counts what a page says and hears, media aside, from its opening on. */
export class Ear {
  #calls: Record<string, number> = {};
  #callBytes = 0;
  #socketBytes = 0;

  private constructor(devtools: CDPSession) {
    const asked = new Set<string>();
    devtools.on("Network.requestWillBeSent", ({ requestId, request }) => {
      const [, what] = /\/sfu\/sessions\/(.*)$/.exec(request.url) ?? [];
      if (what === undefined) return;
      asked.add(requestId);
      const kind = kinds[what] ?? (what.includes("/") ? what.replace(/^[^/]*\//, "") : "inspect");
      this.#calls[kind] = (this.#calls[kind] ?? 0) + 1;
      this.#callBytes += request.postData?.length ?? 0;
    });
    devtools.on("Network.loadingFinished", ({ requestId, encodedDataLength }) => {
      if (asked.has(requestId)) this.#callBytes += encodedDataLength;
    });
    const frame = ({ response }: { response: { payloadData: string } }) => {
      this.#socketBytes += response.payloadData.length;
    };
    devtools.on("Network.webSocketFrameReceived", frame);
    devtools.on("Network.webSocketFrameSent", frame);
  }

  static async at(devtools: CDPSession): Promise<Ear> {
    await devtools.send("Network.enable");
    return new Ear(devtools);
  }

  /** What was said since the last time, or since the beginning. */
  take(): Words {
    const words = { calls: this.#calls, callBytes: this.#callBytes, socketBytes: this.#socketBytes };
    this.#calls = {};
    this.#callBytes = 0;
    this.#socketBytes = 0;
    return words;
  }
}

/** Seconds of processor time that all of a browser's processes of a kind have used; of all kinds without one. */
export function processorTime(browser: Chromium, ...kinds: readonly ProcessKind[]): number {
  let ticks = 0;
  for (const pid of processesOf(browser.pid, ...kinds)) {
    const fields = readFileSync(`/proc/${pid}/stat`, "utf8")
      .replace(/^.*\) /s, "")
      .split(" ");
    // utime and stime, which proc(5) counts in hundredths of a second.
    ticks += Number(fields[11]) + Number(fields[12]);
  }
  return ticks / 100;
}

/** Bytes of memory that the page's own process holds: the largest renderer, as the others are empty. */
export function memory(browser: Chromium): number {
  const sizes = processesOf(browser.pid, "renderer").map((pid) => {
    const [, kilobytes] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
    return Number(kilobytes ?? 0) * 1_024;
  });
  return Math.max(0, ...sizes);
}

/** Bytes of JavaScript objects that are in use, after what is not was collected. */
export async function heap(devtools: CDPSession): Promise<number> {
  await devtools.send("HeapProfiler.collectGarbage");
  await devtools.send("Performance.enable");
  const { metrics } = await devtools.send("Performance.getMetrics");
  return metrics.find(({ name }) => name === "JSHeapUsedSize")?.value ?? 0;
}

export interface Received {
  /** Frames of others that were decoded since the beginning, and how many tracks gave any. */
  readonly frames: number;
  readonly pictures: number;
  readonly bytes: number;
}

export function received(page: Page): Promise<Received> {
  return page.evaluate(async () => {
    const { satsuma } = globalThis as unknown as { satsuma?: { peerConnection?: RTCPeerConnection } };
    const report = await satsuma?.peerConnection?.getStats();
    const counted = { frames: 0, pictures: 0, bytes: 0 };
    for (const entry of report?.values() ?? []) {
      if (entry.type === "transport") counted.bytes += entry.bytesReceived;
      if (entry.type !== "inbound-rtp" || entry.kind !== "video") continue;
      counted.frames += entry.framesDecoded;
      counted.pictures += entry.framesDecoded > 0 ? 1 : 0;
    }
    return counted;
  });
}
