/** Servers that share tracks over lines in memory, and peers of theirs; a clock for all of them, turned by hand. */
import type { Simulcast } from "@satsuma/protocol";
import { createApi } from "../src/api/app.ts";
import type { SfuLimits } from "../src/config.ts";
import { headerBytes, type Line, type LineListener, Meter, memoryUsage, numberIn, writeHead } from "../src/index.ts";
import { accepting, type OfferedLine, offer } from "./descriptions.ts";
import type { Wire } from "./wire.ts";
import { World } from "./world.ts";

export const app = "app";
const secret = "secret";

/** One end of a line. What it sends arrives when the servers are settled, unless its reader stands still. */
class Cable implements Line {
  readonly #sent: Uint8Array[] = [];
  listener: LineListener | undefined;
  other: Cable | undefined;
  stands = false;
  closed = false;
  waiting = 0;
  /** Bytes that ever crossed. */
  bytes = 0;
  readonly complaints: unknown[] = [];

  send(head: Parameters<typeof writeHead>[1], body: Uint8Array): void {
    const frame = new Uint8Array(headerBytes + body.length);
    writeHead(frame, head, body.length);
    frame.set(body, headerBytes);
    if (this.closed) return;
    this.#sent.push(frame);
    this.waiting += frame.length;
  }

  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.other?.end();
  }

  complain(error: unknown): void {
    this.complaints.push(error);
  }

  end(): void {
    if (this.closed) return;
    this.closed = true;
    this.listener?.closed();
  }

  /** Hands everything over in pieces that end anywhere; false when there was nothing. */
  deliver(): boolean {
    if (this.stands || this.#sent.length === 0) return false;
    const whole = new Uint8Array(Buffer.concat(this.#sent.splice(0)));
    this.waiting = 0;
    this.bytes += whole.length;
    const cut = Math.floor(whole.length / 3);
    for (const piece of [whole.subarray(0, cut), whole.subarray(cut)]) this.other?.listener?.received(piece);
    this.listener?.drained();
    return true;
  }
}

export interface Server {
  readonly world: World;
  readonly usage: ReturnType<typeof memoryUsage>;
  readonly meter: Meter;
  call(method: string, path: string, body?: unknown): Promise<{ status: number; json: Answer }>;
}

interface Answer {
  readonly sessionId?: string;
  readonly errorCode?: string;
  readonly sessionDescription?: { readonly sdp: string };
  readonly tracks?: readonly {
    readonly mid?: string;
    readonly status?: string;
    readonly errorCode?: string;
    readonly watchedRids?: string[];
  }[];
  readonly dataChannels?: readonly { readonly id?: number; readonly errorCode?: string }[];
}

export class Servers {
  readonly all: readonly Server[];
  readonly cables: Cable[] = [];
  /** Servers that cannot be reached. */
  readonly down = new Set<number>();

  constructor(count = 2, limits: Partial<SfuLimits> = {}) {
    this.all = Array.from({ length: count }, (_, number) => this.#open(number, count, limits));
  }

  at(number: number): Server {
    const server = this.all[number];
    if (server === undefined) throw new Error(`There is no server ${number}.`);
    return server;
  }

  /** Everything that was sent arrives, and whoever waited for it goes on. */
  async settle(): Promise<void> {
    for (;;) {
      await new Promise((resolve) => setImmediate(resolve));
      let any = false;
      for (const cable of this.cables) any = cable.deliver() || any;
      if (!any) return;
    }
  }

  async advance(milliseconds: number): Promise<void> {
    for (let passed = 0; passed < milliseconds; passed += 100) {
      for (const { world } of this.all) world.advance(Math.min(100, milliseconds - passed));
      await this.settle();
    }
  }

  /** Every line breaks. */
  cut(): void {
    for (const cable of [...this.cables]) cable.end();
  }

  /** The answer of a call that may need others. */
  async during<T>(call: Promise<T>): Promise<T> {
    let over = false;
    const settled = call.finally(() => {
      over = true;
    });
    // Whoever awaits the call has its error.
    settled.catch(() => {});
    while (!over) await this.settle();
    return settled;
  }

  #open(number: number, count: number, limits: Partial<SfuLimits>): Server {
    const usage = memoryUsage();
    const meter = new Meter(usage, () => "2026-11-28");
    const elsewhere = {
      serverOf(session: string) {
        const server = numberIn(session, count);
        return server === undefined || server === number ? undefined : String(server);
      },
      dial: async (server: string, listener: LineListener) => this.#dial(Number(server), listener),
    };
    const world = new World(limits, meter, { number, elsewhere });
    const api = createApi(world.sfu, {
      apps: [
        { id: app, secret },
        { id: "other", secret },
      ],
      onError: (error) => {
        throw error;
      },
    });
    const call: Server["call"] = async (method, path, body) => {
      const headers = { authorization: `Bearer ${secret}` };
      const url = `http://sfu/v1/apps/${path.startsWith("other/") ? path : `${app}/${path}`}`;
      const init = body === undefined ? { method, headers } : { method, headers, body: JSON.stringify(body) };
      const response = await this.during(Promise.resolve(api.fetch(new Request(url, init))));
      return { status: response.status, json: (await response.json()) as Answer };
    };
    return { world, usage, meter, call };
  }

  #dial(server: number, listener: LineListener): Line {
    if (this.down.has(server)) throw new Error("It is down.");
    const [near, far] = [new Cable(), new Cable()];
    near.other = far;
    far.other = near;
    near.listener = listener;
    far.listener = this.at(server).world.sfu.pipes.serve(far);
    this.cables.push(near, far);
    return near;
  }
}

/** A session at one server. */
export class Member {
  readonly server: Server;
  readonly id: string;
  wire: Wire | undefined;
  mid = "";

  constructor(server: Server, id: string) {
    this.server = server;
    this.id = id;
  }

  static async at(server: Server): Promise<Member> {
    const { json } = await server.call("POST", "sessions/new");
    return new Member(server, json.sessionId ?? "");
  }

  async push(line: OfferedLine, trackName: string, connect = true): Promise<void> {
    const wires = this.server.world.wires.length;
    await this.server.call("POST", `sessions/${this.id}/tracks/new`, {
      tracks: [{ location: "local", mid: line.mid, trackName }],
      sessionDescription: offer([line]),
    });
    this.wire ??= this.server.world.wires[wires];
    if (connect) this.wire?.enter("connected");
  }

  /** Pulls and is connected; gives the error when there is one. */
  async pull(of: Member, trackName: string, simulcast?: Simulcast): Promise<string | undefined> {
    const wires = this.server.world.wires.length;
    const { json } = await this.server.call("POST", `sessions/${this.id}/tracks/new`, {
      tracks: [{ location: "remote", sessionId: of.id, trackName, simulcast }],
    });
    this.wire ??= this.server.world.wires[wires];
    if (json.sessionDescription === undefined) return json.tracks?.[0]?.errorCode ?? json.errorCode;
    this.mid = json.tracks?.[0]?.mid ?? "";
    // Its peer gives no transport-wide feedback, so that nothing is held back or probed.
    const sdp = json.sessionDescription.sdp.replace(/^a=extmap:\d+ \S*transport-wide-cc\S*\r\n/gm, "");
    await this.server.call("PUT", `sessions/${this.id}/renegotiate`, { sessionDescription: accepting(sdp) });
    this.wire?.enter("connected");
    return undefined;
  }

  update(of: Member, trackName: string, simulcast?: Simulcast) {
    return this.server.call("PUT", `sessions/${this.id}/tracks/update`, {
      tracks: [{ location: "remote", sessionId: of.id, trackName, mid: this.mid, simulcast }],
    });
  }

  close(mid: string) {
    return this.server.call("PUT", `sessions/${this.id}/tracks/close`, { tracks: [{ mid }], force: true });
  }

  async statuses(): Promise<(string | undefined)[]> {
    const { json } = await this.server.call("GET", `sessions/${this.id}`);
    return json.tracks?.map(({ status }) => status) ?? [];
  }
}
