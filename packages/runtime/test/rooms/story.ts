/**
 * One story of a room, told on every runtime: the same class behind the same socket, so the same words must come.
 */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { RoomTokens } from "../../src/rooms/tokens.ts";
import { Member } from "../host.ts";
import { roomFeatures } from "./features.ts";

export interface RoomWorld {
  readonly url: string;
  readonly tokens: RoomTokens;
  /** Ends the server and begins a new one on what is stored. */
  restart(): Promise<void>;
  close(): Promise<void>;
}

export function roomStory(name: string, start: () => Promise<RoomWorld>): void {
  describe(`a room on ${name}`, () => {
    let world: RoomWorld;
    beforeAll(async () => {
      world = await start();
    }, 30_000);
    afterAll(() => world.close());
    roomFeatures(() => world);

    test("[G2][G9] people join, see each other, change and leave", async () => {
      const ann = await Member.join(world, "story", "Ann");
      const bob = await Member.join(world, "story", "Bob");
      await ann.sees("Bob", "connected");
      expect(await bob.command({ do: "rename", name: "Bobby" })).toMatchObject({ type: "ack" });
      await ann.sees("Bobby", "connected");
      expect(ann.view).toEqual(bob.view);
      expect(await bob.command({ do: "leave" })).toMatchObject({ type: "ack" });
      expect(await bob.closed).toEqual({ code: 1000, reason: "left" });
      await ann.sees("Bobby", "gone");
      await ann.command({ do: "leave" });
    });

    test("[K1] a token of another room is refused by code", async () => {
      const { token } = await world.tokens.issue("elsewhere", "Eve");
      const eve = await Member.open(world, "story");
      eve.send({ type: "hello", protocols: [2], client: "c", token });
      await eve.error("bad-token");
      expect(await eve.closed).toEqual({ code: 4402, reason: "bad-token" });
    });

    test("[G3] a lost socket keeps its place for the grace period, and then the place is given up", async () => {
      const ann = await Member.join(world, "grace", "Ann");
      const bob = await Member.join(world, "grace", "Bob");
      bob.peer.terminate();
      await ann.sees("Bob", "recovering");
      await ann.sees("Bob", "gone");
      await ann.command({ do: "leave" });
    });

    test("[F10] after a restart everybody is there, comes back by token, and what they had said is so", async () => {
      const ann = await Member.join(world, "restart", "Ann");
      const bob = await Member.join(world, "restart", "Bob");
      await bob.command({ do: "rename", name: "Bobby" });
      await world.restart();
      const back = await Member.join(world, "restart", "Ann", ann.token);
      expect(back.participant).toBe(ann.participant);
      expect(back.view?.participants.map(({ name }) => name)).toEqual(["Ann", "Bobby"]);
      // Nobody comes for Bobby, and he does not stay as a ghost.
      await back.sees("Bobby", "gone");
      await back.command({ do: "leave" });
    });
  });
}
