/** Everybody in one room of one contender: they come, they change things, and it is seen when all have heard. */
import { percentile } from "../percentile.ts";
import type { Contender } from "./contender.ts";
import { ServerProcess } from "./process.ts";
import { inRounds } from "./rounds.ts";
import { markOf, Wire } from "./wire.ts";

export interface Joined {
  /** Seconds until everybody has been let in and has heard a change made after that. */
  readonly seconds: number;
  readonly bytesPerMember: number;
}

export interface Updated {
  readonly perSecond: number;
  /** Changes that did not reach everybody in the time given. */
  readonly missed: number;
  /** Milliseconds from saying it until the last member has it. */
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly bytesPerMember: number;
  readonly cpuMsPerUpdate: number;
}

/** Sockets that are being opened at once. */
const atOnce = 200;

interface Update {
  readonly at: number;
  missing: number;
  done: number | undefined;
}

export class Crowd {
  readonly #contender: Contender;
  readonly #server: ServerProcess;
  readonly #patienceMs: number;
  readonly #wires: Wire[] = [];
  /** Those that have been let in. */
  readonly #in: Wire[] = [];
  readonly #seen: number[] = [];
  readonly #updates: Update[] = [];
  /** How many sockets were closed by the other side, by what it said of it. */
  readonly #closed = new Map<string, number>();
  #waiting: { readonly until: () => boolean; readonly resolve: () => void } | undefined;
  #keepAlive: NodeJS.Timeout | undefined;

  private constructor(contender: Contender, server: ServerProcess, patienceMs: number) {
    this.#contender = contender;
    this.#server = server;
    this.#patienceMs = patienceMs;
  }

  /** `patienceMs` is how long joining may take, and hearing of everything. */
  static async open(contender: Contender, patienceMs: number): Promise<Crowd> {
    return new Crowd(contender, await ServerProcess.start(contender.child), patienceMs);
  }

  /** Undefined when not all were let in in time. */
  async join(members: number): Promise<Joined | undefined> {
    const guests = await this.#contender.prepare(this.#server.started, members);
    const before = this.#server.rss();
    const began = performance.now();
    // From the first on: on a busy machine joining may take longer than a silent member is kept.
    this.#stayAlive();
    let next = 0;
    const enter = async () => {
      for (let index = next++; index < guests.length; index = next++)
        await this.#enter(index, guests[index] ?? { path: "/" });
    };
    const all = Promise.all(Array.from({ length: atOnce }, enter)).then(() => true);
    const late = new Promise<false>((resolve) => setTimeout(() => resolve(false), this.#patienceMs));
    if (!(await Promise.race([all, late]))) return undefined;
    this.#say();
    if (!(await this.#heard())) return undefined;
    const seconds = (performance.now() - began) / 1_000;
    return { seconds, bytesPerMember: (this.#server.rss() - before) / members };
  }

  async update(perSecond: number, seconds: number): Promise<Updated> {
    const first = this.#updates.length;
    const cpu = this.#server.cpuMs();
    const bytes = this.#bytes();
    const began = performance.now();
    const count = perSecond * seconds;
    for (let said = 0; said < count; ) {
      const due = Math.min(count, Math.ceil(((performance.now() - began) * perSecond) / 1_000));
      for (; said < due; said++) this.#say();
      await new Promise((resolve) => setTimeout(resolve, Math.min(5, 500 / perSecond)));
    }
    await this.#heard();
    const updates = this.#updates.slice(first);
    const took = updates.flatMap(({ at, done }) => (done === undefined ? [] : [done - at]));
    return {
      perSecond,
      missed: updates.length - took.length,
      p50Ms: took.length > 0 ? percentile(took, 0.5) : Number.NaN,
      p99Ms: took.length > 0 ? percentile(took, 0.99) : Number.NaN,
      bytesPerMember: (this.#bytes() - bytes) / count / this.#wires.length,
      cpuMsPerUpdate: (this.#server.cpuMs() - cpu) / count,
    };
  }

  /** How many sockets were closed by the other side, by what it said of it. */
  get lost(): ReadonlyMap<string, number> {
    return this.#closed;
  }

  async close(): Promise<void> {
    clearInterval(this.#keepAlive);
    for (const wire of this.#wires) wire.end();
    await this.#server.end();
  }

  async #enter(index: number, guest: Awaited<ReturnType<Contender["prepare"]>>[number]): Promise<void> {
    const { pinged, welcome } = this.#contender;
    const { port } = this.#server.started;
    this.#seen[index] = -1;
    const wire: Wire = new Wire(port, guest.path, guest.headers ?? {}, {
      opened: () => guest.hello !== undefined && wire.send(guest.hello),
      marked: (update) => this.#marked(index, update),
      closed: (why) => {
        this.#closed.set(why, (this.#closed.get(why) ?? 0) + 1);
      },
      ...(pinged && { pinged }),
    });
    this.#wires[index] = wire;
    await wire.until(welcome);
    this.#in.push(wire);
    if (guest.upon !== undefined) wire.send(guest.upon);
  }

  #say(): void {
    const mark = markOf(this.#updates.length);
    this.#updates.push({ at: performance.now(), missing: this.#wires.length, done: undefined });
    this.#wires[0]?.send(this.#contender.update(mark));
  }

  #marked(member: number, update: number): void {
    const seen = this.#seen[member] ?? -1;
    if (!(update > seen)) return;
    this.#seen[member] = update;
    const now = performance.now();
    for (let each = seen + 1; each <= update; each++) {
      const heard = this.#updates[each];
      if (heard === undefined) continue;
      heard.missing -= 1;
      if (heard.missing === 0) heard.done = now;
    }
    if (this.#waiting?.until()) {
      this.#waiting.resolve();
      this.#waiting = undefined;
    }
  }

  /** Whether everybody has heard everything in time. */
  async #heard(): Promise<boolean> {
    const last = this.#updates.at(-1);
    const until = () => last === undefined || last.missing === 0;
    if (until()) return true;
    const heard = new Promise<void>((resolve) => {
      this.#waiting = { until, resolve };
    });
    const late = new Promise((resolve) => setTimeout(resolve, this.#patienceMs));
    await Promise.race([heard, late]);
    return until();
  }

  #bytes(): number {
    return this.#wires.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  #stayAlive(): void {
    const { keepAlive } = this.#contender;
    if (keepAlive === undefined) return;
    this.#keepAlive = inRounds(
      keepAlive.everyMs,
      () => this.#in,
      (wire) => wire.send(keepAlive.text),
    );
  }
}
