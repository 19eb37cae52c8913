/** One of very many who are in a room for a long time: pings, says little, and now and then goes and comes back. */
import type { RoomTokens } from "@satsuma/runtime/node";
import { Wire } from "./wire.ts";

export interface House {
  readonly port: number;
  readonly tokens: RoomTokens;
  /** A socket is gone that nobody here has closed. */
  lost(why: string): void;
}

/** Milliseconds between two tries. */
const againMs = 1_000;

export class Tenant {
  readonly #house: House;
  readonly #room: string;
  #token: string | undefined;
  #wire: Wire | undefined;
  #commands = 0;

  constructor(house: House, room: string) {
    this.#house = house;
    this.#room = room;
  }

  /** Resolves when it has been let in. With `anew` it is somebody else. */
  async come(anew = false): Promise<void> {
    const { tokens, lost } = this.#house;
    if (anew || this.#token === undefined) this.#token = (await tokens.issue(this.#room, "Member")).token;
    for (let why = await this.#enter(); why !== undefined; why = await this.#enter()) {
      lost(why);
      await new Promise((resolve) => setTimeout(resolve, againMs));
    }
  }

  /** The connection ends without a word. */
  go(): void {
    const wire = this.#wire;
    this.#wire = undefined;
    wire?.end();
  }

  ping(): void {
    this.#wire?.send('{"type":"ping"}');
  }

  do(command: object): void {
    this.#commands += 1;
    this.#wire?.send(JSON.stringify({ type: "command", id: this.#commands, command }));
  }

  /** Gives why it was not let in. */
  async #enter(): Promise<string | undefined> {
    const { port, lost } = this.#house;
    const entered = Promise.withResolvers<string | undefined>();
    // A client of its own, so that its commands are counted from one on.
    const client = crypto.randomUUID();
    this.#commands = 0;
    const hello = JSON.stringify({ type: "hello", protocols: [2], client, token: this.#token });
    const wire: Wire = new Wire(
      port,
      `/rooms/${this.#room}`,
      {},
      {
        opened: () => wire.send(hello),
        marked: () => undefined,
        closed: (why) => {
          if (this.#wire === wire) lost(why);
          entered.resolve(why);
        },
      },
    );
    void wire.until('"snapshot"').then(() => entered.resolve(undefined));
    const why = await entered.promise;
    if (why === undefined) this.#wire = wire;
    return why;
  }
}
