/** Very many small rooms for a long time: nobody is lost, and memory stays where it was. */
import { RoomTokens } from "@satsuma/runtime/node";
import { ServerProcess } from "./process.ts";
import { Wire } from "./wire.ts";

export interface Held {
  readonly sockets: number;
  readonly minutes: number;
  readonly lost: number;
  /** Bytes. */
  readonly rss_begin: number;
  readonly rss_end: number;
  /** Growth of memory in ten minutes as a share, by the straight line nearest to all samples after the first minute. */
  readonly growth_10_min: number;
}

const pingEveryMs = 5_000;
const sampleEveryMs = 10_000;

export async function soak(plan: { rooms: number; each: number; minutes: number }): Promise<Held> {
  const { rooms, each, minutes } = plan;
  const server = await ServerProcess.start("satsuma.child.ts");
  const tokens = new RoomTokens({ key: Buffer.from(String(server.started.key), "base64url") }, Date.now);
  const wires: Wire[] = [];
  let lost = 0;
  // From the first on: whoever is silent for three pings is lost, and joining takes longer.
  let turn = 0;
  const slots = pingEveryMs / 50;
  const pings = setInterval(() => {
    for (let index = turn++ % slots; index < wires.length; index += slots) wires[index]?.send('{"type":"ping"}');
  }, 50);
  for (let room = 0; room < rooms; room++) {
    const come = async () => {
      const { token } = await tokens.issue(`room-${room}`, "Member");
      const hello = JSON.stringify({ type: "hello", protocols: [2], client: "bench", token });
      const wire: Wire = new Wire(
        server.started.port,
        `/rooms/room-${room}`,
        {},
        {
          opened: () => wire.send(hello),
          marked: () => undefined,
          closed: () => {
            lost += 1;
          },
        },
      );
      await wire.until('"snapshot"');
      wires.push(wire);
    };
    await Promise.all(Array.from({ length: each }, come));
  }
  console.log(`${wires.length} sockets in ${rooms} rooms, ${megabytes(server.rss())} in memory`);

  const samples: { readonly at: number; readonly rss: number }[] = [];
  const began = Date.now();
  while (Date.now() - began < minutes * 60_000) {
    await new Promise((resolve) => setTimeout(resolve, sampleEveryMs));
    samples.push({ at: Date.now() - began, rss: server.rss() });
    console.log(`${Math.round((Date.now() - began) / 1_000)} s: ${megabytes(server.rss())}, ${lost} lost`);
  }
  clearInterval(pings);
  const settled = samples.filter(({ at }) => at > 60_000);
  const held: Held = {
    sockets: wires.length,
    minutes,
    lost,
    rss_begin: (settled[0] ?? samples[0])?.rss ?? Number.NaN,
    rss_end: samples.at(-1)?.rss ?? Number.NaN,
    growth_10_min: growth(settled.length > 1 ? settled : samples),
  };
  console.log(`grows by ${(held.growth_10_min * 100).toFixed(2)} % in ten minutes`);
  for (const wire of wires) wire.end();
  await server.end();
  return held;
}

/** Least squares. */
function growth(samples: readonly { readonly at: number; readonly rss: number }[]): number {
  const mean = (of: (sample: { at: number; rss: number }) => number) =>
    samples.reduce((sum, sample) => sum + of(sample), 0) / samples.length;
  const at = mean((sample) => sample.at);
  const rss = mean((sample) => sample.rss);
  const slope = mean((sample) => (sample.at - at) * (sample.rss - rss)) / mean((sample) => (sample.at - at) ** 2);
  return (slope * 600_000) / rss;
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
