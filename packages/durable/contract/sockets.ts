import type { Json } from "@satsuma/durable";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { patience } from "./patience.ts";
import type { Peer, Platform, World } from "./platform.ts";

/** Sockets that an actor's sleep does not end. */
export function socketSuite(platform: Platform): void {
  describe("sockets", () => {
    let world: World;
    beforeAll(async () => {
      world = await platform.start();
    });
    afterAll(() => world.close());
    const diary = (name: string, question: Json) => world.ask("diary", name, question);
    const heard = (peer: Peer, count: number) => world.until(() => peer.received.length >= count, 20_000);

    test("[G1] what is sent in connect and message arrives, at every socket of the actor", async () => {
      const first = await world.dial("diary", "talk", { who: "first" });
      await heard(first, 1);
      const second = await world.dial("diary", "talk", { who: "second" });
      await heard(second, 1);
      first.send("hi");
      await heard(first, 2);
      await heard(second, 2);
      expect(first.received).toEqual(['hello {"who":"first"}', "hi 1"]);
      expect(second.received).toEqual(['hello {"who":"second"}', "hi 1"]);
    });

    test("[J1] a socket and its attachment outlive a sleep", async () => {
      const peer = await world.dial("diary", "sleeper");
      await heard(peer, 1);
      peer.send("before");
      await heard(peer, 2);
      const until = world.now() + patience.idleMs * 2;
      await world.until(() => world.now() >= until, 20_000);
      peer.send("after");
      await heard(peer, 3);
      expect(peer.received.slice(1)).toEqual(["before 1", "after 2"]);
      expect(await diary("sleeper", { do: "read" })).toMatchObject({ starts: 2, attachments: [{ said: 2 }] });
    });

    test("[G22] a message whose handler throws leaves the socket open", async () => {
      const peer = await world.dial("diary", "thrower");
      await heard(peer, 1);
      peer.send("throw");
      peer.send("fine");
      await heard(peer, 2);
      expect(peer.received[1]).toBe("fine 1");
    });

    test("[G22] a socket that its actor refuses is closed with the refusal's code", async () => {
      const refused = await world.dial("diary", "door", "refuse");
      const failed = await world.dial("diary", "door", "throw");
      await world.until(() => refused.closed !== undefined && failed.closed !== undefined, 20_000);
      expect(refused.closed).toEqual({ code: 4409, reason: "room-full" });
      expect(failed.closed).toEqual({ code: 1011, reason: "internal" });
    });

    test("[G3] the actor learns of a close, and has one socket fewer", async () => {
      const peer = await world.dial("diary", "leaver");
      await heard(peer, 1);
      peer.close(4321, "bye");
      await world.until(async () => "closed" in ((await diary("leaver", { do: "read" })) as object), 20_000);
      expect(await diary("leaver", { do: "read" })).toMatchObject({
        closed: { code: 4321, reason: "bye" },
        attachments: [],
      });
    });

    test("[G3] an actor can close a socket", async () => {
      const peer = await world.dial("diary", "closer");
      await heard(peer, 1);
      await diary("closer", { do: "disconnect" });
      await world.until(() => peer.closed !== undefined, 20_000);
      expect(peer.closed).toEqual({ code: 4001, reason: "told to" });
    });

    test("[G3] an actor can close a socket with a code of the protocol itself, and not with one that is never sent", async () => {
      const peer = await world.dial("diary", "going away");
      await heard(peer, 1);
      await expect(diary("going away", { do: "disconnect", code: 1006 })).rejects.toMatchObject({
        code: "bad-argument",
      });
      await diary("going away", { do: "disconnect", code: 1012 });
      await world.until(() => peer.closed !== undefined, 20_000);
      expect(peer.closed).toEqual({ code: 1012, reason: "told to" });
    });

    test("[J2] an attachment over the limit is refused", async () => {
      const peer = await world.dial("diary", "collector");
      await heard(peer, 1);
      const ask = (size: number) => diary("collector", { do: "rename", attachment: "x".repeat(size) });
      await expect(ask(9_000)).rejects.toMatchObject({ code: "too-large" });
      await ask(8_000);
    });
  });
}
