/**
 * What is measured of one contender: cells with a fixed number of receivers and a fixed rate.
 *
 * A cell in which the generator was busier than `busiest` says more about the generator and is thrown away.
 */
import type { Contender, Running } from "./contender.ts";
import { type Generator, type Measured, UnconnectedError } from "./generator.ts";
import { residentBytes } from "./process.ts";

export interface Cell extends Measured {
  readonly receivers: number;
  readonly packetsPerSecond: number;
  readonly packetsPerCpuSecond: number;
}

/** Of one core. Beyond it the generator's own waiting would show. */
const busiest = 0.7;
/** Packets a second from one publisher, where encrypting them would begin to cost the generator. */
const mostRate = 20_000;
/** Share of packets that may be lost before a rate counts as too much. */
const tolerable = 0.005;

const attempts = 3;

export interface Scale {
  readonly cellMs: number;
  /** Cells of the search for the highest rate. */
  readonly steps: number;
}

/** A contender with its sessions, for as long as `measure` takes. */
export async function withReceivers<T>(
  generator: Generator,
  contender: Contender,
  receivers: number,
  measure: (running: Running, memoryPerSession: number) => Promise<T>,
): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    const running = await contender.start();
    try {
      const memory = await connect(generator, running, receivers).catch((error: unknown) => {
        // libdatachannel as the side that offers refuses a peer now and then (docs/decisions/0001-media-engine.md).
        if (error instanceof UnconnectedError && attempt < attempts) return undefined;
        throw error;
      });
      if (memory !== undefined) return await measure(running, memory);
    } finally {
      await generator.close();
      await running.stop();
    }
  }
}

/** Gives the bytes that a receiver's session took. */
async function connect(generator: Generator, running: Running, receivers: number): Promise<number> {
  generator.address = running.address;
  await generator.accept(await running.publish(await generator.publish()));
  await generator.connected();
  const before = resident(running);
  for (let receiver = 0; receiver < receivers; receiver += 1) {
    const { offer, answered } = await running.pull();
    await generator.receive(offer, answered);
  }
  await generator.connected();
  return (resident(running) - before) / receivers;
}

export function resident(running: Running): number {
  return running.pids.reduce((sum, pid) => sum + residentBytes(pid), 0);
}

export async function measure(
  generator: Generator,
  running: Running,
  receivers: number,
  packetsPerSecond: number,
  ms: number,
): Promise<Cell> {
  const measured = await generator.run({ packetsPerSecond, ms, pids: running.pids });
  const packetsPerCpuSecond = (measured.forwarded * 1_000) / Math.max(1, measured.contenderCpuMs);
  return { ...measured, receivers, packetsPerSecond, packetsPerCpuSecond };
}

/** All cells of a search for the highest rate that loses next to nothing. */
export async function search(
  generator: Generator,
  running: Running,
  receivers: number,
  { cellMs, steps }: Scale,
  heard: (cell: Cell) => void,
): Promise<Cell[]> {
  const cells: Cell[] = [];
  const at = async (rate: number) => {
    const cell = await measure(generator, running, receivers, Math.max(10, Math.round(rate)), cellMs);
    cells.push(cell);
    heard(cell);
    return cell;
  };
  let rate = 5_000 / receivers;
  let most = 0;
  let least = Number.POSITIVE_INFINITY;
  for (let step = 0; step < steps; step += 1) {
    const { loss, contenderCpuMs, elapsedMs } = await at(rate);
    if (loss < tolerable) most = Math.max(most, rate);
    else least = Math.min(least, rate);
    if (least === Number.POSITIVE_INFINITY) {
      // A busy media server takes more at a time, so one that has time left can do more than it seems.
      const room = elapsedMs / Math.max(1, contenderCpuMs);
      rate = Math.min(mostRate, rate * Math.max(1.15, step === 0 ? room : room * 1.05));
    } else if (most === 0) rate *= 0.75;
    else rate = (most + least) / 2;
  }
  return cells;
}

/** The cell with the highest rate that was kept up with, of a search. */
export function mostOf(cells: readonly Cell[]): Cell | undefined {
  return valid(cells)
    .filter(({ loss }) => loss < tolerable)
    .sort((a, b) => b.forwardedPerSecond - a.forwardedPerSecond)[0];
}

/** Packets per CPU-second at best, while it kept up. */
export function bestOf(cells: readonly Cell[]): Cell | undefined {
  return valid(cells)
    .filter(({ loss }) => loss < tolerable)
    .sort((a, b) => b.packetsPerCpuSecond - a.packetsPerCpuSecond)[0];
}

function valid(cells: readonly Cell[]): Cell[] {
  return cells.filter(({ generatorBusy }) => generatorBusy < busiest);
}
