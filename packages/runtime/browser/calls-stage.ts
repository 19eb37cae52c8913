/** A Chromium on a page that speaks the Calls API, and an SFU in a process of its own; one for all tests of a file. */
import { detour, Relay, type RelayOptions } from "@satsuma/testkit";
import type { Browser, Page } from "playwright-core";
import { expect, vi } from "vitest";
import { type Listening, listen } from "../src/node/listen.ts";
import { bundlePage } from "./bundle.ts";
import { startChromium } from "./chromium.ts";
import { onPage } from "./on-page.ts";
import type { CallsPage } from "./pages/calls.ts";
import { appId, SfuHost, secret } from "./sfu-host.ts";

const patience = { timeout: 20_000, interval: 100 };

export class CallsStage {
  readonly #sfu: SfuHost;
  readonly #http: Listening;
  readonly #browser: Browser;
  readonly #ways: { readonly http: Listening; readonly relay: Relay }[] = [];
  #page: Page | undefined;

  private constructor(sfu: SfuHost, http: Listening, browser: Browser) {
    this.#sfu = sfu;
    this.#http = http;
    this.#browser = browser;
  }

  static async start(): Promise<CallsStage> {
    const html = await bundlePage("calls");
    const sfu = await SfuHost.start();
    const http = await listen({
      fetch: () => new Response(html, { headers: { "content-type": "text/html" } }),
      upgrade: (_, socket) => socket.destroy(),
      host: "127.0.0.1",
      port: 0,
    });
    return new CallsStage(sfu, http, await startChromium());
  }

  async end(): Promise<void> {
    await this.#browser.close();
    await this.#http.close(100);
    for (const { http, relay } of this.#ways) {
      await http.close(100);
      relay.close();
    }
    await this.#sfu.kill();
  }

  /** A page without any session. */
  async turn(): Promise<void> {
    await this.#page?.close();
    this.#page = await this.#browser.newPage();
    await this.#page.goto(`http://127.0.0.1:${this.#http.port}/`);
  }

  /** A function of the page by its name. */
  readonly run = <Name extends keyof CallsPage>(
    name: Name,
    ...args: Parameters<CallsPage[Name]>
  ): Promise<Awaited<ReturnType<CallsPage[Name]>>> => {
    if (this.#page === undefined) throw new Error("There is no page before turn().");
    return onPage<CallsPage, Name>(this.#page, name, args);
  };

  /** A new session, by a name for the test; gives its id. `api` is another way to the SFU's API, `query` what it is begun with. */
  readonly open = (name: string, api = this.#sfu.url, query = ""): Promise<string> =>
    this.run("open", name, `${api}/apps/${appId}`, `Bearer ${secret}`, query);

  /** A way to the SFU whose media goes through a relay; gives its API, and the relay. */
  async way(network: Omit<RelayOptions, "target">): Promise<{ readonly api: string; readonly relay: Relay }> {
    const from = this.#sfu.mediaPort;
    const relay = await Relay.open({ ...network, target: from });
    const { origin } = new URL(this.#sfu.url);
    const forward = (request: Request) => fetch(new Request(`${origin}${new URL(request.url).pathname}`, request));
    const http = await listen({
      fetch: detour(forward, { port: { from, to: relay.port } }),
      upgrade: (_, socket) => socket.destroy(),
      host: "127.0.0.1",
      port: 0,
    });
    this.#ways.push({ http, relay });
    return { api: `http://127.0.0.1:${http.port}/v1`, relay };
  }

  /** A picture as described arrives, and goes on. */
  readonly sees = (name: string, picture: object = { width: 320 }, mid?: string): Promise<void> =>
    this.#goesOn(name, picture, "frames", mid);

  readonly hears = (name: string): Promise<void> => this.#goesOn(name, {}, "audioPackets", undefined);

  readonly statuses = async (name: string): Promise<Record<string, string>> => {
    const { tracks = [] } = await this.run("state", name);
    return Object.fromEntries(tracks.map(({ mid = "", status }) => [mid, status]));
  };

  readonly opened = async (...keys: string[]): Promise<void> => {
    for (const key of keys) {
      await vi.waitFor(async () => expect(await this.run("channelState", key)).toBe("open"), patience);
    }
  };

  readonly hasHeard = (key: string, messages: unknown[]): Promise<void> =>
    vi.waitFor(async () => expect(await this.run("heard", key)).toEqual(messages), patience);

  async #goesOn(name: string, described: object, what: "frames" | "audioPackets", mid: string | undefined) {
    const now = () => this.run("received", name, ...(mid === undefined ? [] : [mid]));
    await vi.waitFor(async () => {
      const before = await now();
      expect(before).toMatchObject({ state: "connected", ...described });
      const soon = { timeout: 3_000, interval: 100 };
      await vi.waitFor(async () => expect((await now())[what]).toBeGreaterThan(before[what] + 5), soon);
    }, patience);
  }
}

export function remote(sessionId: string, trackName: string) {
  return { location: "remote" as const, sessionId, trackName };
}
