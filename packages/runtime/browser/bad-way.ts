/** A bad network between a page and an SFU: a UDP relay, and the Calls API as a peer behind it sees it. */
import { detour, Relay, type RelayOptions } from "@satsuma/testkit";
import { type Listening, listen } from "../src/node/listen.ts";
import type { SfuHost } from "./sfu-host.ts";

export type BadWayOptions = Pick<RelayOptions, "up" | "down" | "seed">;

export class BadWay {
  readonly #relay: Relay;
  readonly #http: Listening;

  private constructor(relay: Relay, http: Listening) {
    this.#relay = relay;
    this.#http = http;
  }

  static async open(sfu: SfuHost, options: BadWayOptions): Promise<BadWay> {
    const relay = await Relay.open({ ...options, target: sfu.mediaPort });
    const forward = async ({ method, url, headers, body }: Request) => {
      const { pathname, search } = new URL(url);
      const own = new Headers(headers);
      own.delete("host");
      const text = body === null ? undefined : await new Response(body).text();
      return fetch(new URL(pathname + search, sfu.url), { method, headers: own, ...(text && { body: text }) });
    };
    const http = await listen({
      fetch: detour(forward, { port: { from: sfu.mediaPort, to: relay.port } }),
      upgrade: (_, socket) => socket.destroy(),
      host: "127.0.0.1",
      port: 0,
    });
    return new BadWay(relay, http);
  }

  /** As the SFU's. */
  get url(): string {
    return `http://127.0.0.1:${this.#http.port}/v1`;
  }

  async close(): Promise<void> {
    await this.#http.close(100);
    await this.#relay.close();
  }
}
