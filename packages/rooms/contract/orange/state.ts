/** §2.3: the state of the room, when everyone is sent it, and what is in it. */
import { expect } from "vitest";
import type { Script } from "./script.ts";
import { type Client, enter, heard, joined, stateOf, userIn } from "./world.ts";

export const state: Script[] = [
  {
    row: "2.3 roomState: is the first thing that a client hears, and holds itself and the meeting",
    async play(world, room) {
      const ann = await world.open(room, { id: "ann", name: "Ann" });
      await ann.until(() => ann.received.length > 0);
      expect(ann.received[0]).toEqual({
        type: "roomState",
        state: {
          meetingId: expect.stringMatching(/^[\w-]+$/),
          users: [
            {
              id: "ann",
              name: "Ann",
              joined: false,
              raisedHand: false,
              speaking: false,
              tracks: { audioEnabled: false, audioUnavailable: false, videoEnabled: false, screenShareEnabled: false },
            },
          ],
          ai: { enabled: false },
        },
      });
    },
  },
  {
    row: "2.3 roomState: comes to all when somebody connects, updates, is muted and leaves",
    async play(world, room) {
      const bob = await world.open(room, { id: "bob", name: "Bob" });
      const ann = await world.open(room, { id: "ann", name: "Ann" });
      await bob.until(() => userIn(bob, "ann")?.joined === false);
      ann.send({ type: "userUpdate", user: joined("ann", "Ann") });
      await bob.until(() => userIn(bob, "ann")?.joined);
      bob.send({ type: "muteUser", id: "ann" });
      await bob.until(() => userIn(bob, "ann")?.tracks.audioEnabled === false);
      ann.send({ type: "userLeft" });
      await bob.until(() => userIn(bob, "ann") === undefined);
    },
  },
  {
    row: "2.3 roomState: holds users in the order of their ids, the lobby's among them",
    async play(world, room) {
      for (const id of ["c", "a"]) await enter(world, room, id);
      const lobby = await world.open(room, { id: "b", name: "B" });
      await lobby.until(() => stateOf(lobby)?.users.length === 3);
      expect(stateOf(lobby)?.users.map(({ id, joined: isIn }) => [id, isIn])).toEqual([
        ["a", true],
        ["b", false],
        ["c", true],
      ]);
    },
  },
  {
    row: "2.3 roomState: everyone ends with the same one, whatever was said at once",
    async play(world, room) {
      const clients: Client[] = [];
      for (const id of ["ann", "bob", "cid"]) clients.push(await enter(world, room, id));
      for (let number = 0; number < 50; number++) {
        for (const client of clients) {
          const user = joined(client.id, client.id, { speaking: number % 2 === 0, raisedHand: number === 49 });
          client.send({ type: "userUpdate", user });
        }
      }
      const isDone = (client: Client) => clients.every(({ id }) => userIn(client, id)?.raisedHand);
      for (const client of clients) await client.until(() => isDone(client));
      const [first] = clients;
      for (const client of clients) expect(stateOf(client)).toEqual(first && stateOf(first));
    },
  },
  {
    row: "2.3 roomState: changes that come together are told together (mended)",
    needs: "handClock",
    async play(world, room) {
      const ann = await enter(world, room, "ann");
      const bob = await enter(world, room, "bob");
      await world.pass(world.times.window);
      const before = heard(bob, "roomState").length;
      for (let number = 0; number < 20; number++) {
        ann.send({ type: "userUpdate", user: joined("ann", "ann", { speaking: number % 2 === 0 }) });
      }
      // The first at once, the rest when the window is over.
      expect(heard(bob, "roomState")).toHaveLength(before + 1);
      expect(userIn(bob, "ann")?.speaking).toBe(true);
      await world.pass(world.times.window);
      expect(heard(bob, "roomState")).toHaveLength(before + 2);
      expect(userIn(bob, "ann")?.speaking).toBe(false);
    },
  },
  {
    row: "2.3 roomState: comes with every alarm, though nothing has changed",
    async play(world, room) {
      const ann = await enter(world, room, "ann");
      await world.pass(2 * world.times.window);
      const before = heard(ann, "roomState").length;
      await world.pass(3 * world.times.alarmInterval);
      await ann.until(() => heard(ann, "roomState").length >= before + 2);
    },
  },
];
