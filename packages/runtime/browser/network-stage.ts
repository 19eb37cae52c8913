/**
 * Real browsers on bad networks: an SFU in a process of its own, a page that publishes and one that watches, and a relay
 * for each network between. Who has no relay is on the loopback itself.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Detour, detour, Relay, type RelayOptions } from "@satsuma/testkit";
import type { Browser, Page } from "playwright-core";
import { type Listening, listen } from "../src/node/listen.ts";
import { bundlePage } from "./bundle.ts";
import { startChromium } from "./chromium.ts";
import { onPage } from "./on-page.ts";
import type { NetworkPage } from "./pages/network.ts";
import { appId, SfuHost, secret } from "./sfu-host.ts";
import { writeTexture } from "./texture.ts";

/** With what the SFU does for bad networks, or as a server that only passes packets on. */
export type Mode = "full" | "plain";

/** A way to the SFU: its API, and the relay that its media goes through. */
export interface Way {
  readonly url: string;
  readonly relay: Relay | undefined;
  close(): Promise<void>;
}

/** Frame size and rate of the camera. */
export const camera = { width: 1_280, height: 720, frameRate: 15 } as const;

export class NetworkStage {
  readonly #sfu: SfuHost;
  readonly #browser: Browser;
  readonly #folder: string;
  readonly #page: Listening;
  readonly #ways: Way[] = [];

  private constructor(sfu: SfuHost, browser: Browser, folder: string, page: Listening) {
    this.#sfu = sfu;
    this.#browser = browser;
    this.#folder = folder;
    this.#page = page;
  }

  static async start(): Promise<NetworkStage> {
    const html = await bundlePage("network");
    const folder = await mkdtemp(join(tmpdir(), "satsuma-network-"));
    const texture = join(folder, "camera.y4m");
    await writeTexture(texture, camera);
    const sfu = await SfuHost.start();
    const page = await serve(async () => new Response(html, { headers: { "content-type": "text/html" } }));
    const browser = await startChromium([`--use-file-for-fake-video-capture=${texture}`]);
    return new NetworkStage(sfu, browser, folder, page);
  }

  async end(): Promise<void> {
    await this.#browser.close();
    for (const way of this.#ways) await way.close();
    await this.#page.close(100);
    await this.#sfu.kill();
    await rm(this.#folder, { recursive: true, force: true });
  }

  /** A way to the SFU. `network` is what lies on it; without, nothing does. */
  async way(mode: Mode, network?: Omit<RelayOptions, "target">): Promise<Way> {
    const { mediaPort: target } = this.#sfu;
    const relay = network && (await Relay.open({ ...network, target }));
    const changes: Detour = {
      ...(relay && { port: { from: target, to: relay.port } }),
      ...(mode === "plain" && { edit: withoutFeedback }),
    };
    const api = detour((request) => this.#forward(request), changes);
    const http = await serve(api);
    const way: Way = {
      url: `http://127.0.0.1:${http.port}/apps/${appId}`,
      relay,
      async close() {
        relay?.close();
        await http.close(100);
      },
    };
    this.#ways.push(way);
    return way;
  }

  async actor(): Promise<Actor> {
    const page = await this.#browser.newPage();
    await page.goto(`http://127.0.0.1:${this.#page.port}/`);
    return new Actor(page);
  }

  #forward(request: Request): Promise<Response> {
    const { pathname } = new URL(request.url);
    return fetch(new Request(`${this.#sfu.url}${pathname}`, request));
  }
}

/** A page, by its functions. */
export class Actor {
  readonly #page: Page;

  constructor(page: Page) {
    this.#page = page;
  }

  readonly run = <Name extends keyof NetworkPage>(
    name: Name,
    ...args: Parameters<NetworkPage[Name]>
  ): Promise<Awaited<ReturnType<NetworkPage[Name]>>> => onPage<NetworkPage, Name>(this.#page, name, args);

  close(): Promise<void> {
    return this.#page.close();
  }
}

export { secret };

/** What a server needs for retransmission and congestion control; without it neither side does any. */
const feedback = [/^a=rtcp-fb:\S+ nack$/, /^a=rtcp-fb:\S+ transport-cc$/, /^a=extmap:\d+ .*transport-wide-cc/];

function withoutFeedback(lines: readonly string[]): string[] {
  return lines.filter((line) => !feedback.some((rule) => rule.test(line)));
}

/** Pages come from another port, so what they may ask is said as a browser wants it (CORS). */
function serve(answer: (request: Request) => Promise<Response>): Promise<Listening> {
  const allowed = {
    "access-control-allow-origin": "*",
    "access-control-allow-headers": "*",
    "access-control-allow-methods": "*",
  };
  return listen({
    async fetch(request) {
      const response = request.method === "OPTIONS" ? new Response(null, { status: 204 }) : await answer(request);
      const headers = new Headers(response.headers);
      for (const [name, value] of Object.entries(allowed)) headers.set(name, value);
      headers.delete("content-encoding");
      return new Response(response.body, { status: response.status, headers });
    },
    upgrade: (_, socket) => socket.destroy(),
    host: "127.0.0.1",
    port: 0,
  });
}
