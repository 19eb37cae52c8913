/**
 * A contender that runs, with receivers connected to it and a generator of its own, ready for cells.
 *
 * Stations of all contenders stand at once and take turns, cell by cell, so that a machine that is busy with something else
 * for a while is so for everybody. Whoever is not on turn has nothing to do but its reports.
 */
import type { Contender, Running } from "./contender.ts";
import { Generator, type Measured, UnconnectedError } from "./generator.ts";
import { residentBytes } from "./process.ts";

export interface Cell extends Measured {
  readonly receivers: number;
  readonly packetsPerSecond: number;
  readonly packetsPerCpuSecond: number;
}

const attempts = 6;

export class Station {
  readonly contender: Contender;
  readonly receivers: number;
  /** Bytes that one receiver's session took, by the growth of resident memory. */
  readonly memoryPerSession: number;
  readonly profiles: Generator["profiles"];
  readonly #generator: Generator;
  readonly #running: Running;

  /** Rejects with `MissingError` where the contender cannot be had. */
  static async open(contender: Contender, receivers: number, feedback: boolean): Promise<Station> {
    for (let attempt = 1; ; attempt += 1) {
      const generator = await Generator.start();
      let running: Running | undefined;
      try {
        generator.feedback = feedback;
        running = await contender.start();
        const memory = await connect(generator, running, receivers);
        return new Station(contender, receivers, memory, generator, running);
      } catch (error) {
        await running?.stop();
        await generator.stop();
        // libdatachannel as the side that offers refuses a peer now and then (docs/decisions/0001-media-engine.md).
        if (!(error instanceof UnconnectedError) || attempt === attempts) throw error;
      }
    }
  }

  private constructor(
    contender: Contender,
    receivers: number,
    memoryPerSession: number,
    generator: Generator,
    running: Running,
  ) {
    this.contender = contender;
    this.receivers = receivers;
    this.memoryPerSession = memoryPerSession;
    this.profiles = { ...generator.profiles };
    this.#generator = generator;
    this.#running = running;
  }

  get residentBytes(): number {
    return resident(this.#running);
  }

  async cell(packetsPerSecond: number, ms: number): Promise<Cell> {
    const measured = await this.#generator.run({ packetsPerSecond, ms, pids: this.#running.pids });
    const packetsPerCpuSecond = (measured.forwarded * 1_000) / Math.max(1, measured.contenderCpuMs);
    return { ...measured, receivers: this.receivers, packetsPerSecond, packetsPerCpuSecond };
  }

  async close(): Promise<void> {
    await this.#generator.stop();
    await this.#running.stop();
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

function resident({ pids }: Running): number {
  return pids.reduce((sum, pid) => sum + residentBytes(pid), 0);
}
