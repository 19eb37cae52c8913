/** What this server gives to others: the lines that they have opened, and what crosses on them. */
import type { ChannelEnd } from "../channels/calls.ts";
import type { Send } from "../forward/downlink.ts";
import type { Publication } from "../forward/publication.ts";
import type { ExportContext } from "./export.ts";
import { Home, type HomeChannels } from "./home.ts";
import type { Address, Line, LineListener } from "./line.ts";

export interface ExportsContext extends ExportContext {
  /** Waits for the publisher to connect; gives the track, or undefined. */
  readonly source: (address: Address) => Promise<Publication | undefined>;
  readonly channels: HomeChannels;
  /** Something may be due earlier. */
  readonly changed: () => void;
}

export class Exports {
  readonly #context: ExportsContext;
  readonly #homes = new Map<string, Home>();
  #ids = 0;

  constructor(context: ExportsContext) {
    this.#context = context;
  }

  /** Tracks that cross, each counted once for every server that it goes to. */
  get size(): number {
    let size = 0;
    for (const home of this.#homes.values()) size += home.size;
    return size;
  }

  /** Takes a connection of another server; `line` is the way back. */
  serve(line: Line): LineListener {
    const home: Home = new Home(line, {
      ...this.#context,
      // No session has such an id.
      newId: () => `pipe:${++this.#ids}`,
      closed: () => this.#homes.delete(home.id),
    });
    this.#homes.set(home.id, home);
    return home;
  }

  /** Tracks of this server have ended. */
  ended(publications: readonly Publication[]): void {
    for (const publication of publications) for (const home of this.#homes.values()) home.unpublished(publication);
  }

  sendTo(id: string): Send | undefined {
    for (const home of this.#homes.values()) {
      const send = home.sendTo(id);
      if (send !== undefined) return send;
    }
    return undefined;
  }

  /** Subscribers of data channels behind a line. */
  channelEnd(id: string): ChannelEnd | undefined {
    const home = this.#homes.get(id);
    if (home === undefined) return undefined;
    const end = (stream: number) => home.channelEnded(stream);
    return {
      id,
      app: "",
      sendOnChannel: (stream, message) => home.send(stream, message),
      closeChannel: end,
      orphaned: end,
    };
  }

  close(): void {
    for (const home of [...this.#homes.values()]) home.close();
  }
}
