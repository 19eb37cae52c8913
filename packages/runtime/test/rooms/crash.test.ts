/**
 * The room server is killed while fifty talk and move. `ROOM_KILLS` says how often, `ROOM_SEED` begins another life; the
 * long form is `npm run nightly:room-crash`.
 *
 * What was acknowledged is looked for in the room's own log (annals.ts), so that a name which went with a place that was
 * given up is not taken for one that was lost. Who came too late on a busy machine is counted and printed.
 */
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ChatMessage } from "@satsuma/protocol";
import { afterEach, expect, test } from "vitest";
import { RoomTokens } from "../../src/rooms/tokens.ts";
import { Member } from "../host.ts";
import { Annals } from "./annals.ts";
import { startChild } from "./child.ts";
import { pingInterval, Walker } from "./walker.ts";

const kills = Number(process.env.ROOM_KILLS ?? 3);
const seed = Number(process.env.ROOM_SEED ?? 1);
const members = 50;
/** Milliseconds, as in crash.child.ts. */
const grace = 2_000;
/**
 * All are back in so many times what the server took to start, at the most. Where little else ran it started in 1.1 s and
 * they were back 0.4 s later, far from the 3 s that are promised; on a busy machine both take longer.
 */
const startsToReturn = 4;

const cleanUp: (() => void)[] = [];
afterEach(() => {
  for (const clean of cleanUp.splice(0).reverse()) clean();
});

test(`[F10] after each of ${kills} kills all that was acknowledged is there, once, and everybody is back (seed ${seed})`, async () => {
  const random = chance(seed);
  const directory = mkdtempSync(join(tmpdir(), "satsuma-room-crash-"));
  cleanUp.push(() => rmSync(directory, { recursive: true, force: true }));
  const key = randomBytes(32);
  const tokens = new RoomTokens({ key }, Date.now);
  const begin = async (port: number) => {
    const child = await startChild(directory, port, key);
    cleanUp.push(child.kill);
    return child;
  };
  let server = await begin(0);
  const { port } = server;
  const url = `ws://127.0.0.1:${port}/rooms/r`;
  const come = async (index: number) => new Walker(url, `m${index}`, await tokens.issue("r", `m${index}`));
  const walkers = await Promise.all(Array.from({ length: members }, (_, index) => come(index)));
  cleanUp.push(() => {
    for (const walker of walkers) walker.vanish();
  });
  await until(() => walkers.every(({ isIn }) => isIn));
  const witness = new Witness(`http://127.0.0.1:${port}`, tokens);
  const starts: number[] = [];
  const returns: number[] = [];
  let late = 0;

  for (let kill = 0; kill < kills; kill++) {
    for (const walker of walkers) walker.talk();
    await new Promise((resolve) => setTimeout(resolve, 20 + random() * 400));
    const gone = walkers.splice(Math.floor(random() * walkers.length), 1);
    const killed = Date.now();
    server.kill();
    await server.ended;
    for (const walker of gone) walker.vanish();
    await until(() => !walkers.some(({ isIn }) => isIn));
    const stays = new Map(walkers.map((walker) => [walker, walker.joinedAt]));
    server = await begin(port);
    await until(() => walkers.every(({ isIn }) => isIn));
    const took = Math.max(...walkers.map(({ welcomedAt }) => welcomedAt)) - server.since;
    starts.push(server.since - killed);
    returns.push(took);
    const anew = walkers.filter((walker) => walker.joinedAt !== stays.get(walker));
    late += anew.length;
    // The outage was the server's: their time began when they could reach it, so whoever came within it has their place.
    if (took < grace) expect(anew.map(({ name }) => name)).toEqual([]);
    for (const walker of walkers) walker.hush();
    await until(() => walkers.every(({ isAnswered }) => isAnswered));
    const ended = await witness.compare(walkers);
    const early = ended.filter(({ at }) => at >= server.since && at < server.since + grace);
    expect(early).toEqual([]);
    walkers.push(await come(members + kill));
    await until(() => walkers.every(({ isIn }) => isIn));
    if ((kill + 1) % 10 === 0) process.stderr.write(`${kill + 1} kills survived\n`);
  }
  const told = `all back ${spread(returns)} ms after a start of ${spread(starts)} ms, ${late} of ${members * kills} too late`;
  process.stderr.write(`${kills} kills: ${told}\n`);
  expect(walkers.flatMap(({ refused }) => refused)).toEqual([]);
  expect(walkers.flatMap(({ said }) => said).length).toBeGreaterThan(members);
  expect(middle(returns)).toBeLessThan(startsToReturn * middle(starts));
}, 3_600_000);

/** A newcomer after each kill: what it is told, against what the members were promised and what the log says. */
class Witness {
  readonly #url: string;
  readonly #tokens: RoomTokens;
  readonly #annals = new Annals();
  /** How often each text was said. */
  readonly #texts = new Map<string, number>();
  #lastSaid = 0;

  constructor(url: string, tokens: RoomTokens) {
    this.#url = url;
    this.#tokens = tokens;
  }

  /** Gives the stays that have ended since the last time. */
  async compare(walkers: readonly Walker[]): ReturnType<Annals["readOn"]> {
    const { token } = await this.#tokens.issue("r", "Witness", { role: "host" });
    const witness = await Member.join({ url: this.#url, tokens: this.#tokens }, "r", "Witness", token);
    // Comparing may take a busy machine longer than a silent socket lives.
    const pinging = setInterval(() => witness.send({ type: "ping" }), pingInterval);
    try {
      return await this.#compare(witness, walkers);
    } finally {
      clearInterval(pinging);
    }
  }

  async #compare(witness: Member, walkers: readonly Walker[]): ReturnType<Annals["readOn"]> {
    const expected = new Set([...walkers.map(({ participant }) => participant), witness.participant]);
    // Whoever vanished is a ghost for the grace period, and no longer.
    await witness.until(() => witness.view?.participants.length === expected.size);
    const people = witness.view?.participants ?? [];
    expect(new Set(people.map(({ id }) => id))).toEqual(expected);
    expect(people.filter(({ connection }) => connection !== "connected")).toEqual([]);
    const ended = await this.#annals.readOn(witness);
    // What the room knows is what its log says, and every rename that was acknowledged is in it once: none is lost or doubled.
    expect(new Map(people.map(({ id, name }) => [id, name]))).toEqual(this.#annals.names);
    const wrong = walkers.flatMap(({ participant, named }) => {
      return named.filter((name) => this.#annals.renames(participant, name) !== 1);
    });
    expect(wrong).toEqual([]);
    await this.#read(witness);
    expect([...this.#texts].filter(([, count]) => count > 1)).toEqual([]);
    const promised = walkers.flatMap(({ said }) => said);
    expect(promised.filter((text) => this.#texts.get(text) !== 1)).toEqual([]);
    await witness.command({ do: "leave" });
    return ended;
  }

  async #read(witness: Member): Promise<void> {
    const news: ChatMessage[] = [];
    for (let more = true; more; ) {
      const before = news.at(-1)?.seq;
      const answer = await witness.command({ do: "read", limit: 100, ...(before !== undefined && { before }) });
      if (answer.type !== "ack" || answer.result?.of !== "read") throw new Error(JSON.stringify(answer));
      const { messages } = answer.result;
      news.push(...messages);
      more = answer.result.more && messages.every(({ seq }) => seq > this.#lastSaid);
    }
    for (const { seq, text } of news) {
      if (seq > this.#lastSaid) this.#texts.set(text, (this.#texts.get(text) ?? 0) + 1);
    }
    this.#lastSaid = Math.max(this.#lastSaid, ...news.map(({ seq }) => seq));
  }
}

function middle(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? 0;
}

function spread(numbers: readonly number[]): string {
  return `${middle(numbers)} (at most ${Math.max(...numbers)})`;
}

async function until(check: () => boolean): Promise<void> {
  while (!check()) await new Promise((resolve) => setTimeout(resolve, 10));
}

/** Mulberry32, so that a life can be lived again. */
function chance(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
