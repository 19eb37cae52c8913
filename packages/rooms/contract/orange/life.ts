/** §2.1 and §2.4: how users come, come back, vanish and leave, and when a meeting ends. */
import { expect } from "vitest";
import type { Script } from "./script.ts";
import { enter, heard, joined, settled, stateOf, userIn } from "./world.ts";

export const life: Script[] = [
  {
    row: "2.3 initial user: who connects again under the same id finds what was stored of it",
    async play(world, room) {
      const ann = await enter(world, room, "ann");
      const bob = await enter(world, room, "bob");
      ann.cut();
      const back = await world.open(room, { id: "ann", name: "ann" });
      await back.until(() => stateOf(back));
      expect(userIn(back, "ann")).toEqual(joined("ann", "ann"));
      await settled(bob);
      expect(heard(bob, "userLeftNotification")).toEqual([]);
    },
  },
  {
    row: "2.1 a second socket of one id takes the first one's place, whose late end drops nobody (mended)",
    async play(world, room) {
      const bob = await enter(world, room, "bob");
      const old = await enter(world, room, "ann");
      const fresh = await world.open(room, { id: "ann", name: "ann" });
      await fresh.until(() => stateOf(fresh));
      old.cut();
      bob.send({ type: "e2eeMlsMessage", payload: "still there?" });
      await fresh.until(() => heard(fresh, "e2eeMlsMessage").length === 1);
      fresh.send({ type: "userUpdate", user: joined("ann", "ann", { raisedHand: true }) });
      await bob.until(() => userIn(bob, "ann")?.raisedHand);
      expect(heard(old, "e2eeMlsMessage")).toEqual([]);
    },
  },
  {
    row: "2.4 a plain end of a socket changes nothing at once",
    async play(world, room) {
      const ann = await enter(world, room, "ann");
      const bob = await enter(world, room, "bob");
      ann.cut();
      await world.pass(world.times.heartbeatWithin / 4);
      await settled(bob);
      expect(userIn(bob, "ann")).toEqual(joined("ann", "ann"));
    },
  },
  {
    row: "2.4 cleanup: a user who vanished is gone after one to two alarms, and the others are told",
    async play(world, room) {
      const bob = await enter(world, room, "bob");
      const ann = await enter(world, room, "ann");
      await bob.until(() => userIn(bob, "ann")?.joined);
      ann.cut();
      const lost = world.now();
      await bob.until(() => userIn(bob, "ann") === undefined);
      expect(heard(bob, "userLeftNotification")).toEqual([{ type: "userLeftNotification", id: "ann" }]);
      if (!world.capabilities.handClock) return;
      // The last heartbeat may have been a third of the time before.
      expect(world.now() - lost).toBeGreaterThanOrEqual((world.times.heartbeatWithin * 2) / 3);
      expect(world.now() - lost).toBeLessThanOrEqual(30_000 + world.times.window);
    },
  },
  {
    row: "2.4 cleanup: of one who never left the lobby no notice is sent (mended)",
    async play(world, room) {
      const bob = await enter(world, room, "bob");
      const ann = await world.open(room, { id: "ann", name: "Ann" });
      await bob.until(() => userIn(bob, "ann"));
      ann.cut();
      await bob.until(() => userIn(bob, "ann") === undefined);
      expect(heard(bob, "userLeftNotification")).toEqual([]);
    },
  },
  {
    row: "2.4 cleanup: runs when somebody connects, too",
    needs: "handClock",
    async play(world, room) {
      const ann = await enter(world, room, "ann");
      await world.pass(1_000);
      ann.cut();
      const bob = await enter(world, room, "bob");
      // Past the heartbeats' time, and before the next alarm.
      await world.pass(28_000);
      const before = heard(bob, "userLeftNotification").length;
      const cid = await world.open(room, { id: "cid", name: "Cid" });
      await cid.until(() => stateOf(cid));
      expect([before, heard(bob, "userLeftNotification").length]).toEqual([0, 1]);
      expect(userIn(cid, "ann")).toBeUndefined();
    },
  },
  {
    row: "2.4 a silent one that is still connected is closed with 1011 and hears nothing of itself (mended)",
    async play(world, room) {
      const bob = await enter(world, room, "bob");
      const ann = await world.open(room, { id: "ann", name: "ann", beats: false });
      ann.send({ type: "userUpdate", user: joined("ann", "ann") });
      await ann.until(() => ann.closed);
      expect(ann.closed?.code).toBe(1011);
      expect(heard(ann, "userLeftNotification")).toEqual([]);
      await bob.until(() => heard(bob, "userLeftNotification").length === 1);
    },
  },
  {
    row: "2.4 who was timed out comes back by itself: made anew, then its own whole word",
    async play(world, room) {
      const bob = await enter(world, room, "bob");
      const ann = await enter(world, room, "ann");
      await bob.until(() => userIn(bob, "ann")?.joined);
      ann.cut();
      await bob.until(() => userIn(bob, "ann") === undefined);
      const back = await world.open(room, { id: "ann", name: "ann" });
      await back.until(() => stateOf(back));
      expect(userIn(back, "ann")?.joined).toBe(false);
      back.send({ type: "userUpdate", user: joined("ann", "ann") });
      await bob.until(() => userIn(bob, "ann")?.joined);
      expect(userIn(bob, "ann")).toEqual(joined("ann", "ann"));
    },
  },
  {
    row: "2.4 leaving the room's view leaves the user in the lobby",
    async play(world, room) {
      const bob = await enter(world, room, "bob");
      const ann = await enter(world, room, "ann");
      const user = joined("ann", "ann", { joined: false, tracks: { audioUnavailable: false } });
      ann.send({ type: "userUpdate", user });
      await bob.until(() => userIn(bob, "ann")?.joined === false);
      expect(userIn(bob, "ann")).toEqual(user);
      expect(heard(bob, "userLeftNotification")).toEqual([]);
    },
  },
  {
    row: "2.4 meeting: goes on for who comes within the time of an alarm, and ends with it",
    async play(world, room) {
      const ann = await enter(world, room, "ann");
      const meeting = stateOf(ann)?.meetingId;
      ann.send({ type: "userLeft" });
      await ann.until(() => ann.closed);
      const bob = await enter(world, room, "bob");
      expect(stateOf(bob)?.meetingId).toBe(meeting);
      bob.send({ type: "userLeft" });
      await bob.until(() => bob.closed);
      await world.pass(2 * world.times.alarmInterval);
      const cid = await enter(world, room, "cid");
      expect(stateOf(cid)?.meetingId).toBeTruthy();
      expect(stateOf(cid)?.meetingId).not.toBe(meeting);
    },
  },
];
