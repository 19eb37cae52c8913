/** Frames and frozen time while packets are lost on the way down to the viewer, or up from the publisher. */
import { oneWay, pause, type Scene, type Watched } from "./scene.ts";

export interface LossRow extends Watched {
  readonly way: "down" | "up";
  /** Percent. */
  readonly loss: number;
}

/** ms for a viewer to get going before it is looked at. */
const warmup = 2_500;

export async function measureLoss(
  scene: Scene,
  ways: readonly LossRow["way"][],
  losses: readonly number[],
  time: number,
): Promise<LossRow[]> {
  const network = { up: { delay: oneWay }, down: { delay: oneWay }, seed: 1 };
  const ups = await scene.stage.way(scene.mode, network);
  const downs = await scene.stage.way(scene.mode, { ...network, seed: 2 });
  const session = await scene.publish(ups);
  const rows: LossRow[] = [];
  for (const way of ways) {
    for (const loss of losses) {
      if (way === "up" && loss === 0 && ways.length > 1) continue;
      downs.relay?.change("down", { loss: way === "down" ? loss / 100 : 0 });
      ups.relay?.change("up", { loss: way === "up" ? loss / 100 : 0 });
      const name = await scene.watch(downs, session);
      await pause(warmup);
      rows.push({ way, loss, ...(await scene.watched(name, time)) });
      await scene.leave(name);
    }
  }
  return rows;
}
