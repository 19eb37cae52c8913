/** A server of the files that an app would serve, as strictly as the meeting app does, and a Chromium with one page of it. */
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { basename, extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Browser, chromium, type Page } from "playwright-core";
import { build, type Rolldown } from "vite";
import { findChromium, NoChromiumError } from "../../../scripts/chromium.ts";
import { effectsFolder, gatherEffects } from "../../../scripts/effects.ts";

const types: Readonly<Record<string, string>> = { ".js": "text/javascript", ".wasm": "application/wasm" };
const policy = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; img-src 'self' data:; media-src 'self' blob:";

export class Stage {
  readonly page: Page;
  /** Everything that was asked for, in whatever way. */
  readonly requests: string[] = [];
  readonly #browser: Browser;
  readonly #server: Server;

  private constructor(browser: Browser, page: Page, server: Server) {
    this.#browser = browser;
    this.#server = server;
    this.page = page;
  }

  static async start(): Promise<Stage> {
    const [script] = await Promise.all([bundled(), gatherEffects()]);
    const server = createServer((request, response) => {
      const { pathname } = new URL(request.url ?? "/", "http://localhost");
      response.setHeader("Content-Security-Policy", policy);
      if (pathname === "/") return response.setHeader("Content-Type", "text/html").end(html);
      if (pathname === "/page.js") return response.setHeader("Content-Type", "text/javascript").end(script);
      try {
        if (!pathname.startsWith("/effects/")) throw new Error("There is nothing else here.");
        const bytes = readFileSync(join(effectsFolder, basename(pathname)));
        response.setHeader("Content-Type", types[extname(pathname)] ?? "application/octet-stream").end(bytes);
      } catch {
        response.writeHead(404).end();
      }
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const executablePath = findChromium();
    if (executablePath === undefined) throw new NoChromiumError("No Chromium was found; npm test installs one.");
    const browser = await chromium.launch({
      executablePath,
      args: ["--disable-gpu", "--no-first-run", "--autoplay-policy=no-user-gesture-required"],
    });
    const page = await browser.newPage();
    const stage = new Stage(browser, page, server);
    page.context().on("request", (request) => stage.requests.push(request.url()));
    await stage.fresh();
    return stage;
  }

  /** The page as if it were opened anew. */
  async fresh(): Promise<void> {
    await this.page.goto(`http://localhost:${(this.#server.address() as AddressInfo).port}/`);
    await this.page.waitForFunction(() => "bench" in globalThis);
  }

  async close(): Promise<void> {
    await this.#browser.close();
    this.#server.close();
  }
}

const html = `<!doctype html><meta charset="utf-8"><title>effects</title><link rel="icon" href="data:,"><script type="module" src="/page.js"></script>`;

async function bundled(): Promise<string> {
  const { output } = (await build({
    configFile: false,
    logLevel: "warn",
    resolve: { conditions: ["@satsuma/source", "module", "browser", "import", "default"] },
    build: {
      write: false,
      minify: false,
      modulePreload: false,
      rolldownOptions: {
        input: fileURLToPath(new URL("page.ts", import.meta.url)),
        output: { codeSplitting: false },
      },
    },
  })) as Rolldown.RolldownOutput;
  return output.find((chunk) => chunk.type === "chunk")?.code ?? "";
}
