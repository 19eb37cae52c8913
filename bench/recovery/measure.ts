/** One fault from before to after: done, waited out, and what it cost those who were in the call. */
import { type Gap, gaps, type Recording, record, recordingOf } from "../../apps/meet/test/stage/flow.ts";
import { until } from "../../apps/meet/test/stage/until.ts";
import type { Fault } from "./faults.ts";
import { act, type Scene, standing } from "./scene.ts";

/** What one of the two saw and heard of the other. All in milliseconds. */
export interface Side {
  /** Without any picture, and without any sound, at the longest. */
  readonly still: number;
  readonly silent: number;
  /** From the end of the fault until both flowed again; 0 where neither stopped, or both were back before. */
  readonly back: number;
}

export interface Outcome {
  readonly id: string;
  readonly name: string;
  /** Milliseconds. */
  readonly lasted: number;
  readonly aim: number;
  readonly anna: Side;
  readonly ben: Side;
  /** Chat messages and mutes of the time of the fault that did not arrive. */
  readonly lost: readonly string[];
  /** Whether both rooms say the same as before. */
  readonly same: boolean;
  /** What was shown to each, in order. */
  readonly shown: { readonly anna: readonly string[]; readonly ben: readonly string[] };
  /** Media connections that Anna's page made, and the way that the last of them takes. */
  readonly connections: number;
  readonly path: string;
  readonly met: boolean;
}

/** Milliseconds that everything must have been well before a fault is over. */
const calm = 1_500;

export async function measure(scene: Scene, fault: Fault): Promise<Outcome> {
  const { anna, ben } = scene;
  await scene.settled();
  const before = await standing(ben);
  const begun = Date.now();
  await fault.begin(scene);
  await pause(Math.min(1_500, fault.lasts / 2));
  const actors = fault.awake ? [anna, ben] : [ben];
  await Promise.all(actors.map((person) => act(person, `said by ${person.name}`, false)));
  await pause(begun + fault.lasts - Date.now());
  await fault.end(scene);
  const ended = Date.now();
  await scene.settled();
  await sight(scene);
  const lost = await arrived(scene, actors.length);
  await Promise.all(actors.map((person) => person.press("Unmute")));
  const same = await until(
    "both rooms say the same as before",
    async () => {
      const [at, of] = await Promise.all([standing(anna), standing(ben)]);
      return at === before && of === before;
    },
    5_000,
  ).catch(() => false);
  await pause(calm);
  const over = Date.now();
  const [hers, his] = await Promise.all([recordingOf(anna.page), recordingOf(ben.page)]);
  const sides = { anna: side(hers, begun, ended, over), ben: side(his, begun, ended, over) };
  return {
    id: fault.id,
    name: fault.name,
    lasted: ended - begun,
    aim: fault.aim,
    ...sides,
    lost,
    same,
    shown: { anna: shown(hers, begun), ben: shown(his, begun) },
    connections: (await anna.stats()).made,
    path: await scene.path(),
    met: same && lost.length === 0 && Math.max(sides.anna.back, sides.ben.back) <= fault.aim,
  };
}

/** What is there from the beginning: how long after joining both see and hear each other. Nothing was there to be lost. */
export async function measureJoining(scene: Scene, fault: Fault): Promise<Outcome> {
  const { anna, ben } = scene;
  await fault.begin(scene);
  const begun = Date.now();
  await anna.join();
  // Recorded from here on: her page has no room before.
  await Promise.all([record(anna.page), record(ben.page)]);
  await scene.flows();
  await scene.settled();
  await pause(calm);
  const over = Date.now();
  const [hers, his] = await Promise.all([recordingOf(anna.page), recordingOf(ben.page)]);
  const sides = { anna: firstOf(hers, begun, over), ben: firstOf(his, begun, over) };
  const [at, of] = await Promise.all([standing(anna), standing(ben)]);
  return {
    id: fault.id,
    name: fault.name,
    lasted: 0,
    aim: fault.aim,
    ...sides,
    lost: [],
    same: at === of,
    shown: { anna: shown(hers, begun), ben: shown(his, begun) },
    connections: (await anna.stats()).made,
    path: await scene.path(),
    met: at === of && Math.max(sides.anna.back, sides.ben.back) <= fault.aim,
  };
}

function firstOf({ frames, sound }: Recording, begun: number, over: number): Side {
  const first = (times: readonly number[]) => (times.find((time) => time > begun) ?? over) - begun;
  const [still, silent] = [first(frames), first(sound)];
  return { still, silent, back: Math.max(still, silent) };
}

/** Pictures move at both again; sound is muted, and so judged by its packets. */
async function sight({ anna, ben }: Scene): Promise<void> {
  await Promise.all([anna.sees("Ben", undefined, 60_000), ben.sees("Anna", undefined, 60_000)]);
}

/** What of the time of the fault is missing, five seconds after everything flows again. */
async function arrived({ anna, ben }: Scene, actors: number): Promise<string[]> {
  const missing = async () => {
    const lost: string[] = [];
    for (const [listener, other] of [
      [anna, ben],
      [ben, anna],
    ] as const) {
      const { chat } = await recordingOf(listener.page);
      for (const speaker of actors === 2 ? [anna, ben] : [ben]) {
        const times = chat.filter((text) => text === `said by ${speaker.name}`).length;
        if (times !== 1) lost.push(`${listener.name} heard ${speaker.name}'s words ${times} times`);
      }
      if (actors === 1 && other === anna) continue;
      const tile = (await listener.tiles()).find(({ name }) => name === other.name);
      if (!tile?.muted) lost.push(`${listener.name} does not know that ${other.name} is muted`);
    }
    return lost;
  };
  await until("nothing is missing", async () => (await missing()).length === 0, 5_000).catch(() => undefined);
  return missing();
}

function side({ frames, sound }: Recording, begun: number, ended: number, over: number): Side {
  const [picture, voice] = [gaps(frames, begun, over), gaps(sound, begun, over)];
  const back = ({ again = ended }: Gap) => Math.max(0, again - ended);
  return { still: picture.longest, silent: voice.longest, back: Math.max(back(picture), back(voice)) };
}

function shown({ states }: Recording, begun: number): string[] {
  return states
    .filter(({ at }) => at >= begun)
    .map(({ at, state }) => `${((at - begun) / 1_000).toFixed(1)} s: ${state}`);
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, Math.max(0, milliseconds)));
}
