/** Clients of Orange's dialect as its page has them: partysocket 1.0.2 from the registry, over real sockets. */
import type { OrangeClientMessage, OrangeServerMessage } from "@satsuma/protocol";
import type { Client, Who } from "@satsuma/rooms/contract/orange";
import { PartySocket } from "partysocket";
import { WebSocket } from "ws";
import { Sessions } from "../../src/orange/session.ts";

export interface PartyOptions {
  /** `http://HOST:PORT` */
  readonly url: string;
  readonly room: string;
  readonly who: Who;
  /** Of the session cookie. */
  readonly secret: string;
  /** Milliseconds between two heartbeats. */
  readonly beat: number;
  /** Comes back after a close, as Orange's client does; otherwise the first close is its last. */
  readonly returns?: boolean;
  /** Cookies, `name=value`; a session cookie among them takes the place of the one for `who`. */
  readonly cookies?: readonly string[];
}

/** Milliseconds that anything may take on a busy machine. */
const patience = 20_000;

export class Party implements Client {
  readonly id: string;
  readonly received: OrangeServerMessage[] = [];
  closed: Client["closed"];
  readonly socket: PartySocket;
  /** The connection under it, now. */
  wire: WebSocket | undefined;
  readonly #watchers = new Set<() => void>();
  readonly #beat: NodeJS.Timeout | undefined;

  private constructor({ url, room, who, beat, returns = false }: PartyOptions, cookie: string) {
    this.id = who.id;
    const connected = (wire: WebSocket) => {
      this.wire = wire;
    };
    class Connection extends WebSocket {
      constructor(address: string) {
        super(address, { headers: { cookie } });
        this.on("error", () => {});
        connected(this);
      }
    }
    this.socket = new PartySocket({
      host: new URL(url).host,
      party: "rooms",
      room,
      id: who.id,
      WebSocket: Connection,
      minReconnectionDelay: 50,
      maxReconnectionDelay: 200,
    });
    this.socket.addEventListener("message", ({ data }) => this.#changed(() => this.received.push(JSON.parse(data))));
    this.socket.addEventListener("close", ({ code, reason }) => {
      this.#changed(() => {
        this.closed = { code, reason };
      });
      if (!returns) this.#end();
    });
    if (who.beats ?? true) this.#beat = setInterval(() => this.send({ type: "heartbeat" }), beat);
  }

  static async open(options: PartyOptions): Promise<Party> {
    const { cookies = [], who } = options;
    const { name } = who;
    const value = await new Sessions([options.secret]).mint({ name, person: `person of ${name}`, since: Date.now() });
    const own = cookies.some((cookie) => cookie.startsWith("__session="))
      ? []
      : [`__session=${encodeURIComponent(value)}`];
    const cookie = [...own, ...cookies].join("; ");
    const party = new Party(options, cookie);
    await party.until(() => party.received.length > 0 || party.closed);
    return party;
  }

  send(message: OrangeClientMessage | string): void {
    this.socket.send(typeof message === "string" ? message : JSON.stringify(message));
  }

  cut(): void {
    this.wire?.terminate();
    this.#end();
  }

  until<T>(look: () => T | undefined | false): Promise<T> {
    return new Promise((resolve, reject) => {
      const cut = setTimeout(() => {
        this.#watchers.delete(watch);
        reject(new Error(`It did not come true; the last word was ${JSON.stringify(this.received.at(-1))}.`));
      }, patience);
      const watch = () => {
        const found = look();
        if (found === undefined || found === false) return;
        clearTimeout(cut);
        this.#watchers.delete(watch);
        resolve(found);
      };
      this.#watchers.add(watch);
      watch();
    });
  }

  #changed(change: () => void): void {
    change();
    for (const watch of [...this.#watchers]) watch();
  }

  #end(): void {
    clearInterval(this.#beat);
    this.socket.close();
  }
}

/** Those that a test has opened, to be ended with it. */
export class Parties {
  readonly #open: Party[] = [];

  async open(options: PartyOptions): Promise<Party> {
    const party = await Party.open(options);
    this.#open.push(party);
    return party;
  }

  close(): void {
    for (const party of this.#open.splice(0)) party.cut();
  }
}
