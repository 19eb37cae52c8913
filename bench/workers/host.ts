/** A contender of which it is told at which worker each session is, and whose room server's event loop is watched. */
import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { CallsClient } from "@satsuma/calls";
import { freeUdpPort } from "../../scripts/ports.ts";
import type { Contender, Running } from "../forward/contender.ts";
import { Child, cores, pinned } from "../forward/process.ts";

export interface Start {
  readonly mediaPort: number;
  readonly secret: string;
  readonly workers: number;
}

export interface Host {
  readonly url: string;
  /** Of the media workers. */
  readonly pids: readonly number[];
}

export interface Lateness {
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly mostMs: number;
}

/** Where a session shall be: `any` leaves it to the server. */
export type Place = "any" | 0 | 1;

export interface Placed extends Contender {
  /** Of the one that was started last. */
  readonly running: () => Hosted;
}

interface Hosted extends Running {
  lateness(): Promise<Lateness>;
  /** Tracks that cross. */
  crossing(): Promise<number>;
}

const trackName = "camera";

/** `free` lets all of its processes use every core, as on a machine without a benchmark. */
export function host(name: string, workers: number, receivers: Place, free: boolean): Placed {
  let current: Hosted | undefined;
  return {
    name,
    running() {
      if (current === undefined) throw new Error(`${name} was not started.`);
      return current;
    },
    async start() {
      const child = new Child("../workers/host.child.ts", cores.contender);
      const secret = randomBytes(16).toString("hex");
      const start: Start = { mediaPort: await freeUdpPort(workers), secret, workers };
      const { url, pids } = await child.ask<Host>("start", start);
      const all = [child.pid, ...pids];
      if (free && pinned) for (const pid of all) spawnSync("taskset", ["-a", "-p", "-c", "0-1", String(pid)]);
      const calls = new CallsClient({ url, appId: "bench", secret });
      const session = async (place: Place) => {
        for (;;) {
          const { sessionId } = await calls.newSession();
          if (place === "any" || workers === 1 || sessionId.startsWith(`0${place}`)) return sessionId;
        }
      };
      let publisher = "";
      const running: Hosted = {
        pids: all,
        address: "127.0.0.1",
        lateness: () => child.ask("lateness"),
        crossing: () => child.ask("crossing"),
        async publish(offer) {
          publisher = await session(0);
          const { sessionDescription } = await calls.newTracks(publisher, {
            tracks: [{ location: "local", mid: "0", trackName }],
            sessionDescription: { type: "offer", sdp: offer },
          });
          return sessionDescription?.sdp ?? "";
        },
        async pull() {
          const id = await session(receivers);
          const { sessionDescription } = await calls.newTracks(id, {
            tracks: [{ location: "remote", sessionId: publisher, trackName }],
          });
          return {
            offer: sessionDescription?.sdp ?? "",
            async answered(answer) {
              await calls.renegotiate(id, { type: "answer", sdp: answer });
            },
          };
        },
        stop: () => child.stop(),
      };
      current = running;
      return running;
    },
  };
}
