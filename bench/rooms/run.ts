import type { Contender } from "./contender.ts";
import { Crowd } from "./crowd.ts";
import type { Result } from "./report.ts";

interface Plan {
  readonly members: number;
  /** Updates a second, one after another. */
  readonly rates: readonly number[];
  /** For each rate. */
  readonly seconds: number;
  /** Milliseconds that everybody has to join, and then to hear of everything. Beyond, the load is not held. */
  readonly patienceMs: number;
}

/** One room of one contender, from its first member to its last update. */
export async function run(contender: Contender, plan: Plan): Promise<Result> {
  const { members, rates, seconds, patienceMs } = plan;
  process.stderr.write(`${contender.name}, ${members} members …\n`);
  const crowd = await Crowd.open(contender, patienceMs);
  try {
    const joined = await crowd.join(members);
    const updates = [];
    if (joined !== undefined) for (const rate of rates) updates.push(await crowd.update(rate, seconds));
    for (const [why, count] of crowd.lost) process.stderr.write(`${count} sockets lost: ${why}\n`);
    const lost = [...crowd.lost.values()].reduce((sum, count) => sum + count, 0);
    return { contender: contender.name, members, joined, updates, lost };
  } finally {
    await crowd.close();
  }
}
