/** A real Chromium, an SFU of the test's own, and the page of whip.html served beside it. */
import { readFile } from "node:fs/promises";
import type { Browser, Page } from "playwright-core";
import { freeUdpPort } from "../../../scripts/ports.ts";
import { type Listening, listen } from "../src/node/listen.ts";
import { createSfu, type NodeSfu, type NodeSfuOptions } from "../src/node/sfu.ts";

const app = "app";
export const secret = "secret-of-the-test";

export interface Received {
  readonly state: string;
  readonly frames: number;
  readonly width: number;
  readonly audio: number;
}

export interface Served {
  readonly sfu: NodeSfu;
  /** Of a path of the app, `whip/camera`. */
  url(path: string): string;
  /** Of anything else on the server. */
  root(path: string): string;
  close(): Promise<void>;
}

export async function serve(options: Partial<NodeSfuOptions> & Pick<NodeSfuOptions, "onError">): Promise<Served> {
  const html = await readFile(new URL("whip.html", import.meta.url), "utf8");
  const sfu = await createSfu({
    apps: [{ id: app, secret }],
    media: { port: await freeUdpPort(), bindAddress: "127.0.0.1", advertise: undefined },
    ...options,
  });
  const http: Listening = await listen({
    fetch: (request) =>
      new URL(request.url).pathname === "/"
        ? new Response(html, { headers: { "content-type": "text/html" } })
        : sfu.fetch(request),
    upgrade: (_, socket) => socket.destroy(),
    host: "127.0.0.1",
    port: 0,
  });
  const root = (path: string) => `http://127.0.0.1:${http.port}/${path}`;
  return {
    sfu,
    root,
    url: (path) => root(`v1/apps/${app}/${path}`),
    async close() {
      sfu.close();
      await http.close(100);
    },
  };
}

/** The page's functions, called by name. */
export class Visitor {
  readonly #page: Page;

  private constructor(page: Page) {
    this.#page = page;
  }

  static async open(browser: Browser, served: Served): Promise<Visitor> {
    const page = await browser.newPage();
    await page.goto(served.root(""));
    await page.waitForFunction("window.ready === true");
    return new Visitor(page);
  }

  call(name: string, ...args: unknown[]): Promise<unknown> {
    return this.#page.evaluate(
      ([key, given]) => (globalThis as unknown as Record<string, (...all: unknown[]) => unknown>)[key]?.(...given),
      [name, args] as const,
    );
  }

  async received(name: string): Promise<Received> {
    return (await this.call("received", name)) as Received;
  }

  close(): Promise<void> {
    return this.#page.close();
  }
}
