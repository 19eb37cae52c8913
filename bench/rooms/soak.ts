/**
 * Very many small rooms for a long time: nobody is lost, and memory stays where it was.
 *
 * Everybody pings. In each room somebody says or changes something every ten seconds, and once a minute one goes: to come
 * back as who they were, or to make room for somebody else. What is measured is what is in use once garbage has been
 * collected, and beside it what the process has of the system, in which garbage and gaps are.
 */
import { RoomTokens } from "@satsuma/runtime/node";
import { ServerProcess } from "./process.ts";
import { inRounds } from "./rounds.ts";
import { Tenant } from "./tenant.ts";

export interface Sample {
  /** Milliseconds since everybody was there. */
  readonly at: number;
  /** Bytes that V8 has set aside for objects, whether it has used them yet or not. */
  readonly heap: number;
  /** Bytes of the process. */
  readonly rss: number;
  /** Bytes of objects and buffers that something still refers to. */
  readonly used: number;
}

export interface Held {
  readonly sockets: number;
  readonly rooms: number;
  readonly minutes: number;
  /** Milliseconds between two pings of a member. */
  readonly pingMs: number;
  /** Sockets that ended although nobody ended them, by what the server said of it. */
  readonly lost: Readonly<Record<string, number>>;
  /** Those who went, and came back or were followed by somebody else. */
  readonly changed: number;
  /** Bytes, before anybody came. */
  readonly empty: Sample;
  readonly samples: readonly Sample[];
  /** Bytes a minute, by the straight line nearest to all samples of the second half. */
  readonly usedPerMinute: number;
  readonly rssPerMinute: number;
  readonly isFlat: boolean;
  /** Once everybody has gone and all rooms sleep, or undefined if they do not. */
  readonly left: Sample | undefined;
}

const actEveryMs = 10_000;
/** Of six times that somebody acts in a room, one is a going: once a minute. */
const actsPerChange = 6;
const sampleEveryMs = 10_000;
/** Of what is in use, in ten minutes. What grows faster than this more than doubles in a day. */
const flatShare = 0.01;
/** Milliseconds in which the places of all are given up, their meetings end, and their rooms fall asleep: 35 s, and their time on a busy machine. */
const patienceMs = 180_000;

export async function soak(plan: { rooms: number; each: number; minutes: number; pingMs: number }): Promise<Held> {
  const { rooms, each, minutes, pingMs } = plan;
  const server = await ServerProcess.start("satsuma.child.ts", { counted: true, env: { PING_MS: String(pingMs) } });
  const tokens = new RoomTokens({ key: Buffer.from(String(server.started.key), "base64url") }, Date.now);
  const empty = await sample(server, 0);
  const lost = new Map<string, number>();
  const house = {
    port: server.started.port,
    tokens,
    lost: (why: string) => lost.set(why, (lost.get(why) ?? 0) + 1),
  };
  const houses = Array.from({ length: rooms }, (_, room) =>
    Array.from({ length: each }, () => new Tenant(house, `room-${room}`)),
  );
  const everybody: Tenant[] = [];
  // From the first on: whoever is silent for three pings is lost, and joining takes longer.
  const pings = inRounds(
    pingMs,
    () => everybody,
    (tenant) => tenant.ping(),
  );
  for (const tenants of houses) {
    await Promise.all(tenants.map((tenant) => tenant.come()));
    everybody.push(...tenants);
  }
  console.log(`${everybody.length} sockets in ${rooms} rooms`);

  let turn = 0;
  let changed = 0;
  const coming = new Set<Promise<void>>();
  const acts = inRounds(
    actEveryMs,
    () => houses,
    (tenants) => {
      turn += 1;
      // Rooms are not in step: each begins at another of the six.
      const round = Math.floor(turn / rooms) + (turn % rooms);
      const tenant = tenants[round % tenants.length];
      const isChange = round % actsPerChange === 0;
      if (isChange) changed += 1;
      const came = tenant && act(tenant, round, isChange);
      if (came === undefined) return;
      coming.add(came);
      void came.finally(() => coming.delete(came));
    },
  );
  const samples: Sample[] = [];
  const began = Date.now();
  while (Date.now() - began < minutes * 60_000) {
    await new Promise((resolve) => setTimeout(resolve, sampleEveryMs));
    const now = await sample(server, Date.now() - began);
    samples.push(now);
    console.log(
      `${Math.round(now.at / 1_000)} s: ${megabytes(now.used)} in use, ${megabytes(now.rss)} in all, ${sum(lost)} lost`,
    );
  }
  clearInterval(acts);
  clearInterval(pings);
  const half = samples.filter(({ at }) => at > (minutes * 60_000) / 2);
  const usedPerMinute = slope(half, ({ used }) => used);
  const last = half.at(-1)?.used ?? Number.NaN;
  const lostMeanwhile = Object.fromEntries(lost);
  await Promise.allSettled(coming);
  for (const tenant of everybody) tenant.go();
  const left = await whenAsleep(server, began);
  await server.end();
  return {
    sockets: everybody.length,
    rooms,
    minutes,
    pingMs,
    lost: lostMeanwhile,
    changed,
    empty,
    samples,
    usedPerMinute,
    rssPerMinute: slope(half, ({ rss }) => rss),
    isFlat: usedPerMinute * 10 < flatShare * last,
    left,
  };
}

/** Gives a promise when somebody comes. */
function act(tenant: Tenant, round: number, isChange: boolean): Promise<void> | undefined {
  if (isChange) {
    tenant.go();
    // Half of them find their place again, half are somebody else.
    return tenant.come(round % (2 * actsPerChange) === 0);
  }
  if (round % 2 === 0) tenant.do({ do: "rename", name: `Member ${round}` });
  else tenant.do({ do: "say", text: `This is message ${round} of somebody who has something to say.` });
  return undefined;
}

async function whenAsleep(server: ServerProcess, began: number): Promise<Sample | undefined> {
  for (const end = Date.now() + patienceMs; Date.now() < end; ) {
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    if ((await server.memory()).awake === 0) return sample(server, Date.now() - began);
  }
  return undefined;
}

function sum(counts: ReadonlyMap<string, number>): number {
  return [...counts.values()].reduce((all, count) => all + count, 0);
}

async function sample(server: ServerProcess, at: number): Promise<Sample> {
  const { rss, heapTotal, heapUsed, external } = await server.memory();
  return { at, rss, heap: heapTotal, used: heapUsed + external };
}

/** Bytes a minute, by least squares. */
function slope(samples: readonly Sample[], of: (sample: Sample) => number): number {
  const mean = (value: (sample: Sample) => number) =>
    samples.reduce((sum, each) => sum + value(each), 0) / samples.length;
  const at = mean((each) => each.at);
  const level = mean(of);
  const rise = mean((each) => (each.at - at) * (of(each) - level)) / mean((each) => (each.at - at) ** 2);
  return rise * 60_000;
}

export function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
