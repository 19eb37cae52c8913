/**
 * The load generator: one publisher and all receivers, a C program in generator/ on a core of its own.
 *
 * It is in C because the generator must be able to take more than a media server's core can send, and be seen to have
 * time left; a receiver made of node-datachannel costs about as much for each packet as sending it cost.
 */
import { execFileSync } from "node:child_process";
import { globSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { ensurePackages } from "../../scripts/debian.ts";
import { coreMs, cores, cpuMs, pinned, residentBytes, start, stopProcess } from "./process.ts";
import {
  extensionIds,
  extensionUris,
  mediaSsrc,
  type Parameters,
  parametersOf,
  payloadTypeOf,
  publisherOffer,
  receiverAnswer,
  withoutFeedback,
} from "./sdp.ts";

export interface Run {
  /** Packets that the publisher sends in a second. */
  readonly packetsPerSecond: number;
  readonly ms: number;
  /** Processes of the contender. */
  readonly pids: readonly number[];
}

export interface Measured {
  /** Share of packets (0 to 1) that receivers did not get within the grace. */
  readonly loss: number;
  /** Packets that came out of the contender, over all receivers. */
  readonly forwarded: number;
  readonly forwardedPerSecond: number;
  readonly contenderCpuMs: number;
  readonly elapsedMs: number;
  /** Share of one core (0 to 1) that the generator took itself. */
  readonly generatorBusy: number;
  /** Share of the contender's core that other programs of this machine took. */
  readonly others: number;
  /** From the publisher's system call to the kernel's stamp at the receiver. */
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly residentBytes: number;
}

/** What the generator says of one cell. */
interface Result {
  readonly sent: number;
  readonly receivers: number;
  readonly received: number;
  readonly watched: number;
  readonly watchedReceived: number;
  /** Packets that did not decrypt. */
  readonly bad: number;
  readonly elapsedMs: number;
  readonly generatorBusy: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** Receivers that decrypt, and whose latency counts. */
const mostWatched = 10;
/** What browsers offer, in their order (Chromium 156). */
const browserProfiles = "SRTP_AES128_CM_SHA1_80:SRTP_AEAD_AES_256_GCM:SRTP_AEAD_AES_128_GCM";
/** At the most, until every receiver gets everything. */
const warmUpMs = 6_000;
/** What needs longer is as good as lost to a call. */
const graceMs = 250;
const answerLimit = 30_000;
/** ms without one more peer that has connected. */
const connectLimit = 5_000;

/** A peer that the contender did not let in. */
export class UnconnectedError extends Error {}

export function ensureCompiler(): void {
  ensurePackages({
    purpose: "The generator of bench:forward",
    probe: ["cc", "-fsyntax-only", "-include", "openssl/ssl.h", "-include", "srtp2/srtp.h", "-x", "c", "/dev/null"],
    packages: ["gcc", "libc6-dev", "libssl-dev", "libsrtp2-dev"],
  });
}

function build(directory: string): string {
  const binary = join(directory, "generator");
  const sources = globSync("*.c", { cwd: join(import.meta.dirname, "generator") });
  const paths = sources.map((name) => join(import.meta.dirname, "generator", name));
  execFileSync("cc", ["-O2", "-o", binary, ...paths, "-lssl", "-lcrypto", "-lsrtp2"], { stdio: "inherit" });
  return binary;
}

export class Generator {
  readonly #directory = mkdtempSync(join(tmpdir(), "satsuma-bench-"));
  readonly #process: ReturnType<typeof start>["process"];
  readonly #heard: ((line: string) => void)[] = [];
  readonly #connected = new Set<number>();
  /** SRTP profiles that were agreed on, of publishers and of receivers. */
  readonly profiles = { publisher: "", receivers: "" };
  /** Of its sockets; the contender's. */
  address = "127.0.0.1";
  /** Whether receivers give transport-wide feedback where it is offered. */
  feedback = true;
  #fingerprint = "";
  #peers = 0;
  #ended: string | undefined;

  static async start(profiles = browserProfiles): Promise<Generator> {
    const generator = new Generator(profiles);
    const [, fingerprint = ""] = (await generator.#next(/^ready /)).split(" ");
    generator.#fingerprint = fingerprint;
    return generator;
  }

  private constructor(profiles: string) {
    const { process: child, said } = start(build(this.#directory), [profiles], cores.generator, { input: true });
    this.#process = child;
    if (child.stdout) createInterface({ input: child.stdout }).on("line", (line) => this.#line(line));
    child.on("exit", (code, signal) => {
      this.#ended = `The generator ended (${code ?? signal}). ${said.text}`;
    });
  }

  /** The publisher's offer. */
  async publish(): Promise<string> {
    return publisherOffer(await this.#peer(true, false, "actpass"));
  }

  async accept(answer: string): Promise<void> {
    const ids = extensionIds(answer);
    const id = (uri: string) => ids.get(uri) ?? 0;
    const number = this.#peers - 1;
    this.#remote(number, answer, parametersOf(answer).setup === "passive", 0);
    const { sendTime, transportSequence, mid } = extensionUris;
    this.#say(
      `stream ${number} ${mediaSsrc} ${payloadTypeOf(answer)} ${id(sendTime)} ${id(transportSequence)} ${id(mid)}`,
    );
  }

  /** One more receiver, which connects once `answered` has taken its answer. */
  async receive(offered: string, answered: (answer: string) => Promise<void>): Promise<void> {
    const offer = this.feedback ? offered : withoutFeedback(offered);
    const number = this.#peers;
    const local = await this.#peer(false, number <= mostWatched, "active");
    await answered(receiverAnswer(offer, local));
    this.#remote(number, offer, true, extensionIds(offer).get(extensionUris.transportSequence) ?? 0);
  }

  async connected(): Promise<void> {
    while (this.#connected.size < this.#peers) await this.#next(/^connected /, connectLimit);
  }

  async run({ packetsPerSecond, ms, pids }: Run): Promise<Measured> {
    const total = (of: (pid: number) => number) => pids.reduce((sum, pid) => sum + of(pid), 0);
    this.#say(`run ${packetsPerSecond} ${warmUpMs} ${ms} ${graceMs}`);
    await this.#next(/^begin/);
    const before = total(cpuMs);
    const coreBefore = coreMs(cores.contender);
    const resident = total(residentBytes);
    const line = await this.#next(/^result /);
    const contenderCpuMs = total(cpuMs) - before;
    const othersMs = Math.max(0, coreMs(cores.contender) - coreBefore - contenderCpuMs);
    const result = JSON.parse(line.slice(line.indexOf("{"))) as Result;
    const { sent, receivers, received, elapsedMs, bad, watched, watchedReceived } = result;
    if (bad > 0) throw new Error(`${bad} packets did not decrypt.`);
    const share = Math.min(received / (sent * receivers), watchedReceived / (sent * watched));
    const forwarded = share * sent * receivers;
    return {
      loss: 1 - share,
      forwarded,
      forwardedPerSecond: (forwarded * 1_000) / elapsedMs,
      contenderCpuMs,
      elapsedMs,
      generatorBusy: result.generatorBusy,
      others: pinned ? othersMs / (elapsedMs + graceMs) : 0,
      p50Ms: result.p50Ms,
      p99Ms: result.p99Ms,
      residentBytes: resident,
    };
  }

  /** Ends all peers with the process. */
  async stop(): Promise<void> {
    await stopProcess(this.#process);
    rmSync(this.#directory, { recursive: true, force: true });
  }

  async #peer(controlling: boolean, watched: boolean, setup: string): Promise<Parameters> {
    const number = this.#peers;
    this.#peers += 1;
    this.#say(`peer ${number} ${this.address} ${Number(controlling)} ${Number(watched)}`);
    const [, , iceUfrag = "", icePwd = "", port] = (await this.#next(/^peer /)).split(" ");
    const candidates = [`1 1 UDP 2122260223 ${this.address} ${port} typ host`];
    return { iceUfrag, icePwd, fingerprint: `sha-256 ${this.#fingerprint}`, setup, candidates };
  }

  #remote(number: number, sdp: string, client: boolean, extension: number): void {
    const { iceUfrag, icePwd, candidates } = parametersOf(sdp);
    const found = candidates.map((candidate) => / udp \d+ (127\.\S+) (\d+) typ host/i.exec(candidate)).find(Boolean);
    if (!found) throw new Error(`There is no loopback address in the description:\n${sdp}`);
    const [, address, port] = found;
    const what = [number, iceUfrag, icePwd, address, port, Number(client), payloadTypeOf(sdp), extension];
    this.#say(`remote ${what.join(" ")}`);
  }

  #say(line: string): void {
    if (this.#ended !== undefined) throw new Error(this.#ended);
    this.#process.stdin?.write(`${line}\n`);
  }

  #line(line: string): void {
    const connected = /^connected (\d+) (\S+)/.exec(line);
    if (connected) {
      const number = Number(connected[1]);
      this.#connected.add(number);
      this.profiles[number === 0 ? "publisher" : "receivers"] = connected[2] ?? "";
    }
    for (const hear of [...this.#heard]) hear(line);
  }

  /** The next line of that kind. */
  #next(kind: RegExp, limitMs = answerLimit): Promise<string> {
    return new Promise((resolve, reject) => {
      const done = () => {
        clearTimeout(limit);
        this.#process.off("exit", failed);
        this.#heard.splice(this.#heard.indexOf(hear), 1);
      };
      const failed = () => {
        done();
        reject(new Error(this.#ended ?? "The generator ended."));
      };
      const hear = (line: string) => {
        if (!kind.test(line)) return;
        done();
        resolve(line);
      };
      const limit = setTimeout(() => {
        done();
        reject(new UnconnectedError(`The generator did not say ${kind} in time.`));
      }, limitMs);
      this.#process.once("exit", failed);
      this.#heard.push(hear);
    });
  }
}
