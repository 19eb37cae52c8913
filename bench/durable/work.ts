/** The same work for every contender: a participant's record as a room keeps one, about 300 bytes. */
export function recordOf(n: number): Record<string, unknown> {
  return {
    id: "b0d1f0a2-7c1e-4a55-9a55-2f8c6f5d7f10",
    name: "Ada Lovelace",
    joinedAt: 1_795_150_000_000,
    muted: n % 2 === 0,
    raisedHand: false,
    tracks: [
      { name: "camera", kind: "video", session: "8f14e45fceea167a5a36dedd4bea2543" },
      { name: "microphone", kind: "audio", session: "8f14e45fceea167a5a36dedd4bea2543" },
    ],
    version: n,
  };
}

/** One contender's way of writing and reading; each call is acknowledged when its promise resolves. */
export interface Contender {
  readonly name: string;
  /** Does closed-loop work with one client per actor for that long. */
  write(actors: number, ms: number): Promise<Measured>;
  read(actors: number, ms: number): Promise<Measured>;
  close(): Promise<void>;
}

export interface Measured {
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** One client per actor, each beginning its next call when the last is acknowledged. */
export async function closedLoop(
  actors: number,
  ms: number,
  call: (actor: number) => Promise<unknown>,
): Promise<Measured> {
  const times: number[] = [];
  const start = performance.now();
  const end = start + ms;
  await Promise.all(
    Array.from({ length: actors }, async (_, actor) => {
      for (let before = performance.now(); before < end; ) {
        await call(actor);
        const after = performance.now();
        times.push(after - before);
        before = after;
      }
    }),
  );
  return measured(times, performance.now() - start);
}

export function measured(times: number[], ms: number): Measured {
  const sorted = Float64Array.from(times).sort();
  return { perSecond: (times.length / ms) * 1_000, p50Ms: quantile(sorted, 0.5), p99Ms: quantile(sorted, 0.99) };
}

export function quantile(sorted: Float64Array, q: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? Number.NaN;
}
