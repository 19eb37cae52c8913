/** From asking for a track until its first frame is there, on short and long ways, with and without loss. */
import { type Spread, spread } from "../percentile.ts";
import { pause, type Scene } from "./scene.ts";

export interface JoinRow extends Spread {
  /** ms. */
  readonly roundTrip: number;
  /** Percent, in each direction. */
  readonly loss: number;
  /** Of the joins, those without a frame after `patience`. */
  readonly blind: number;
}

const patience = 5_000;

export async function measureJoin(scene: Scene, times: number): Promise<JoinRow[]> {
  const session = await scene.publish(await scene.stage.way(scene.mode));
  const rows: JoinRow[] = [];
  for (const roundTrip of [0, 50, 150]) {
    for (const loss of [0, 5]) {
      const conditions = { delay: roundTrip / 2, loss: loss / 100 };
      const way = await scene.stage.way(scene.mode, { seed: 4 + loss, up: conditions, down: conditions });
      const took: number[] = [];
      for (let time = 0; time < times; time += 1) took.push(await join(scene, session, way));
      const seen = took.filter((each) => each < patience);
      rows.push({ roundTrip, loss, blind: took.length - seen.length, ...spread(took) });
    }
  }
  return rows;
}

async function join(scene: Scene, session: string, way: Awaited<ReturnType<Scene["stage"]["way"]>>): Promise<number> {
  const name = await scene.watch(way, session);
  const end = performance.now() + patience;
  let firstFrame: number | undefined;
  while (firstFrame === undefined && performance.now() < end) {
    await pause(100);
    ({ firstFrame } = await scene.seen(name));
  }
  await scene.leave(name);
  return firstFrame ?? patience;
}
