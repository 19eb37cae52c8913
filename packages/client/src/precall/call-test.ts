/**
 * A test before a call: two members of a room that nobody else knows, one sending to the other, both on this page.
 *
 * They go the way of a call in everything: the room's socket, its proxy, the media server, the path back.
 */
import { LocalMedia } from "../devices/local.ts";
import type { IceSource } from "../media/ice.ts";
import { Room, type RoomOptions } from "../room.ts";
import { type Readable, Store } from "../store.ts";
import {
  began,
  isOver,
  judgeDevices,
  judgePath,
  type PrecallStep,
  type PrecallStepName,
  type PrecallVerdict,
  precallSteps,
  settled,
} from "./steps.ts";
import { Traffic } from "./traffic.ts";

export interface CallTestOptions {
  /** A room of its own for this test: two tests in one would see each other. */
  readonly room: string;
  /** Gets a token for that room; asked twice, for two members. */
  readonly token: () => Promise<string>;
  /** The room server's origin. Default: the page's. */
  readonly url?: string | undefined;
  readonly iceServers?: IceSource | undefined;
  /** Devices that a lobby already holds; they are not given back. */
  readonly media?: LocalMedia | undefined;
  /** Milliseconds over which traffic is measured. Default 5000. */
  readonly duration?: number | undefined;
}

/** Milliseconds for each step that waits for others. */
const patience = 10_000;

/** Begins at once. The test holds nothing any more once every step has a result. */
export function testCall(options: CallTestOptions): CallTest {
  return new CallTest(options);
}

export class CallTest implements Readable<readonly PrecallStep[]> {
  readonly #options: CallTestOptions;
  readonly #store = new Store(precallSteps);
  readonly #local: LocalMedia;
  readonly #rooms: Room[] = [];
  readonly #ending = new AbortController();

  constructor(options: CallTestOptions) {
    this.#options = options;
    this.#local = options.media ?? new LocalMedia();
    void this.#run().finally(() => this.close());
  }

  readonly snapshot = (): readonly PrecallStep[] => this.#store.snapshot();
  readonly subscribe = (listener: () => void): (() => void) => this.#store.subscribe(listener);

  get over(): boolean {
    return isOver(this.snapshot());
  }

  /** Ends it; steps without a result stay so. Idempotent. */
  close(): void {
    this.#ending.abort();
    for (const room of this.#rooms.splice(0)) room.leave();
    if (this.#options.media === undefined) this.#local.close();
  }

  async #run(): Promise<void> {
    const relay = this.#tryRelay();
    await this.#tryDevices();
    await this.#tryPath();
    await relay;
  }

  async #tryDevices(): Promise<void> {
    this.#begin("devices");
    // What a person has switched off in a lobby is not switched on behind their back.
    if (this.#options.media === undefined) await this.#local.start();
    const { microphone, camera } = this.#local.snapshot();
    const off = [microphone, camera].every(({ on, error }) => !on && error === undefined);
    this.#settle(
      "devices",
      off ? { result: "skipped", code: "switched-off" } : judgeDevices(microphone.error, camera.error),
    );
  }

  async #tryPath(): Promise<void> {
    if (this.#ending.signal.aborted) return;
    this.#begin("server");
    const sender = this.#join(this.#local);
    const receiver = this.#join(undefined);
    const joined = (room: Room) => room.snapshot().connection.state === "connected" && room.snapshot().me !== undefined;
    if (!(await this.#until(sender, joined)) || !(await this.#until(receiver, joined))) {
      this.#settle("server", { result: "failed", code: "server-unreachable", advice: "check-network" });
      return;
    }
    this.#settle("server", { result: "passed" });
    this.#begin("media");
    const { microphone, camera } = this.#local.snapshot();
    if (!microphone.track && !camera.track) {
      this.#settle("media", { result: "skipped", code: "switched-off" });
      return;
    }
    const arrives = (room: Room) =>
      room.snapshot().media === "connected" &&
      room.snapshot().participants.some(({ local, tracks }) => !local && tracks.some(({ media }) => media));
    if (!(await this.#until(receiver, arrives))) {
      this.#settle("media", { result: "failed", code: "media-blocked", advice: "ask-administrator" });
      return;
    }
    this.#settle("media", { result: "passed" });
    this.#begin("bandwidth");
    const traffic = new Traffic(
      () => sender.peerConnection,
      () => receiver.peerConnection,
    );
    const measured = await traffic.measure(this.#options.duration ?? 5000, this.#ending.signal);
    if (!this.#ending.signal.aborted) this.#settle("bandwidth", judgePath(measured), measured);
  }

  async #tryRelay(): Promise<void> {
    this.#begin("relay");
    const signal = AbortSignal.any([this.#ending.signal, AbortSignal.timeout(patience)]);
    const source = this.#options.iceServers ?? [];
    // An app that has no answer, or none in time, has no relay to try.
    const late = new Promise<undefined>((resolve) => signal.addEventListener("abort", () => resolve(undefined)));
    const grant =
      typeof source === "function"
        ? await Promise.race([source().catch(() => undefined), late])
        : { iceServers: source };
    const relays = (grant?.iceServers ?? []).filter(({ urls }) => [urls].flat().some((url) => /^turns?:/.test(url)));
    if (relays.length === 0) return this.#settle("relay", { result: "skipped", code: "no-relay" });
    const reached = await gathers(relays, signal);
    this.#settle(
      "relay",
      reached ? { result: "passed" } : { result: "failed", code: "relay-unreachable", advice: "ask-administrator" },
    );
  }

  #join(media: LocalMedia | undefined): Room {
    const { room, token, url, iceServers } = this.#options;
    const options: RoomOptions = { room, token, url, iceServers, media };
    const joined = new Room(options);
    this.#rooms.push(joined);
    return joined;
  }

  /** Resolves true once it is so, false when it takes too long or the test is over. */
  #until(room: Room, is: (room: Room) => boolean): Promise<boolean> {
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const look = () => {
      if (is(room)) resolve(true);
      else if (room.snapshot().connection.state === "ended") resolve(false);
    };
    const undo = room.subscribe(look);
    const signal = AbortSignal.any([this.#ending.signal, AbortSignal.timeout(patience)]);
    signal.addEventListener("abort", () => resolve(false), { once: true });
    if (signal.aborted) resolve(false);
    look();
    return promise.finally(undo);
  }

  #begin(step: PrecallStepName): void {
    this.#store.set(began(this.snapshot(), step));
  }

  #settle(step: PrecallStepName, verdict: PrecallVerdict, measured?: Parameters<typeof judgePath>[0]): void {
    if (!this.#ending.signal.aborted) this.#store.set(settled(this.snapshot(), step, verdict, measured));
  }
}

/** Whether a relay gives an address. */
async function gathers(iceServers: RTCIceServer[], signal: AbortSignal): Promise<boolean> {
  if (signal.aborted) return false;
  const connection = new RTCPeerConnection({ iceServers, iceTransportPolicy: "relay" });
  try {
    return await new Promise<boolean>((resolve) => {
      connection.onicecandidate = ({ candidate }) => resolve(candidate !== null && candidate.candidate !== "");
      signal.addEventListener("abort", () => resolve(false), { once: true });
      connection.createDataChannel("relay");
      // An offer that cannot be made gathers nothing, and the time runs out.
      connection.setLocalDescription().catch(() => resolve(false));
    });
  } finally {
    connection.close();
  }
}
