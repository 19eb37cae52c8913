/** Puts the model in the place of a browser's globals, and the old ones back. */
import { ModelStream } from "./devices.ts";
import { here, ModelSocket, type Page } from "./page.ts";
import { ModelPeerConnection } from "./peer-connection.ts";
import { epoch } from "./proxy.ts";

/** One sample tells as much as a thousand of a sound that never changes. */
class Analyser {
  get fftSize(): number {
    return 1;
  }

  set fftSize(_: number) {}

  getFloatTimeDomainData(samples: Float32Array): void {
    samples.fill(0.01);
  }
}

/** Hears a room in which nobody speaks. */
class QuietAudioContext {
  readonly state = "running";
  createAnalyser = () => new Analyser();
  createMediaStreamSource = () => ({ connect: () => {}, disconnect: () => {} });
  async resume(): Promise<void> {}
  async close(): Promise<void> {}
}

class Observer {
  observe(): void {}
  disconnect(): void {}
}

type Named = Readonly<Record<string, PropertyDescriptor>>;

function value(given: unknown): PropertyDescriptor {
  return { configurable: true, writable: true, value: given };
}

function ofPage(read: (page: Page) => unknown): PropertyDescriptor {
  return { configurable: true, get: () => read(here()) };
}

/** `uuid` and `random` come from the seed. Returns what puts everything back. */
export function install(now: () => number, uuid: () => string, random: () => number): () => void {
  const timer = (repeats: boolean) => (work: () => void, after: number) => here().setTimer(work, after, repeats);
  const clear = (id: number | undefined) => here().clearTimer(id);
  const model: Named = {
    performance: value({ now, mark: () => {}, clearMarks: () => {} }),
    setTimeout: value(timer(false)),
    setInterval: value(timer(true)),
    clearTimeout: value(clear),
    clearInterval: value(clear),
    crypto: value({ randomUUID: uuid }),
    fetch: value((url: string, init: RequestInit) => here().world.fetch(here(), url, init)),
    WebSocket: value(ModelSocket),
    RTCPeerConnection: value(ModelPeerConnection),
    MediaStream: value(ModelStream),
    AudioContext: value(QuietAudioContext),
    ResizeObserver: value(Observer),
    IntersectionObserver: value(Observer),
    devicePixelRatio: value(1),
    window: ofPage(({ window }) => window),
    document: ofPage(({ document }) => document),
    navigator: ofPage(({ devices }) => ({ mediaDevices: devices, permissions: { query: refuse } })),
  };
  const before = Object.entries(model).map(([name, descriptor]) => {
    const old = Object.getOwnPropertyDescriptor(globalThis, name);
    Object.defineProperty(globalThis, name, descriptor);
    return () => (old ? Object.defineProperty(globalThis, name, old) : Reflect.deleteProperty(globalThis, name));
  });
  const [chance, wall, timeout, depth] = [Math.random, Date.now, AbortSignal.timeout, Error.stackTraceLimit];
  // Refusals are thrown by the thousand, and nobody looks where from.
  Error.stackTraceLimit = 0;
  Math.random = random;
  Date.now = () => epoch + now();
  AbortSignal.timeout = (after) => {
    const controller = new AbortController();
    // The browser's own timer, which lives and dies with its signal.
    here().later(after, () => controller.abort(new DOMException("It took too long.", "TimeoutError")));
    return controller.signal;
  };
  return () => {
    for (const undo of before) undo();
    Math.random = chance;
    Date.now = wall;
    AbortSignal.timeout = timeout;
    Error.stackTraceLimit = depth;
  };
}

/** A browser that does not tell permissions. */
async function refuse(): Promise<never> {
  throw new TypeError("It does not tell.");
}
