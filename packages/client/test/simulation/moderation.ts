/**
 * A moderator among the people: mutes, stops, moves, removes, and sees to the door. What was done to somebody has to hold until
 * they undo it themselves, whatever their connection went through meanwhile.
 */
import type { Command, TrackSource } from "@satsuma/protocol";
import type { Person } from "./person.ts";
import type { World } from "./world.ts";

/** Whose token says that they are the host. */
export const moderator = "ann";

const stoppable = ["microphone", "camera", "screen", "screen-audio"] as const;

export class Moderation {
  readonly #world: World;
  #orders = 0;

  constructor(world: World) {
    this.#world = world;
  }

  /** Something that this host does to one of the others, or to the room. */
  act(host: Person, others: readonly Person[]): void {
    const { chance } = this.#world.fate;
    const person = others[chance.below(others.length)];
    if (person === undefined) return;
    switch (chance.below(12)) {
      case 0:
      case 1:
      case 2:
        return void host.room.do({ do: "silence", id: person.name });
      case 3:
      case 4:
      case 5:
        return void host.room.do({ do: "stop", id: person.name, source: chance.pick(stoppable) });
      case 6:
        return void host.room.do({ do: "set-role", id: person.name, role: "listener" });
      case 7:
      case 8:
        return void host.room.do({ do: "set-role", id: person.name, role: "speaker" });
      case 9:
        return void host.room.do({ do: "set-rules", rules: { lobby: chance.oneIn(2) } });
      case 10:
        return void host.room.do({ do: "admit" });
      case 11:
        if (chance.oneIn(3)) this.#remove(host, person);
    }
  }

  /** In peace nobody is left at the door, and of the audience those are let on stage who are not there to stay. */
  makePeace(people: readonly Person[]): void {
    this.#order({ do: "set-rules", rules: { lobby: false } });
    for (const { name } of people) {
      if (name !== moderator && this.#world.fate.chance.oneIn(2))
        this.#order({ do: "set-role", id: name, role: "speaker" });
    }
  }

  openDoor(): void {
    this.#order({ do: "admit" });
  }

  #order(order: Extract<Command, { do: "admit" | "set-rules" | "set-role" }>): void {
    this.#orders += 1;
    this.#world.rooms.play({ input: "order", ticket: this.#orders, by: "the house", order });
  }

  #remove(host: Person, person: Person): void {
    void host.room.do({ do: "remove", id: person.name });
  }
}

/** What of this does not hold any more. */
export function undone(world: World, { name, held, room, removed, ended }: Person): string[] {
  if (removed)
    return ended ? [] : [`${name} was removed, and the room is ${JSON.stringify(room.snapshot().connection)}`];
  const { microphone, camera } = room.snapshot().local;
  const screens = room.local.screens.snapshot();
  const on: Readonly<Record<TrackSource, boolean>> = {
    microphone: microphone.on,
    camera: camera.on,
    screen: screens.length > 0,
    "screen-audio": screens.some(({ audio }) => audio !== undefined),
  };
  const stay = world.rooms.stayOf(name);
  // What was done in one stay goes with it: whoever comes anew begins anew.
  return [...held]
    .filter(([source, since]) => since === stay && on[source])
    .map(([source]) => `a moderator switched ${name}'s ${source} off, and it is on`);
}
