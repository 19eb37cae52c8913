/** §2.2: what a client says, and what comes of it for itself and for others. */
import { expect } from "vitest";
import type { Script } from "./script.ts";
import { type Client, enter, heard, joined, settled, stateOf, userIn } from "./world.ts";

export const messages: Script[] = [
  {
    row: "2.2 heartbeat: keeps the user, and is answered by nothing and told to nobody",
    async play(world, room) {
      const ann = await enter(world, room, "ann");
      const bob = await enter(world, room, "bob");
      await world.pass(3 * world.times.heartbeatWithin);
      expect(userIn(bob, "ann")).toEqual(joined("ann", "ann"));
      const before = ann.received.filter(({ type }) => type !== "roomState").length;
      ann.send({ type: "heartbeat" });
      await settled(ann);
      expect(ann.received.filter(({ type }) => type !== "roomState")).toHaveLength(before + 1);
    },
  },
  {
    row: "2.2 userUpdate: is kept as it came and shown to all, to the sender and the lobby too",
    async play(world, room) {
      const ann = await world.open(room, { id: "ann", name: "Ann" });
      const bob = await world.open(room, { id: "bob", name: "Bob" });
      const user = { ...joined("ann", "Ann"), raisedHand: true, speaking: true, mood: "fine" };
      ann.send({ type: "userUpdate", user });
      for (const client of [ann, bob]) {
        await client.until(() => userIn(client, "ann")?.joined);
        expect(userIn(client, "ann")).toEqual(user);
      }
    },
  },
  {
    row: "2.2 userUpdate: does not count as a heartbeat",
    async play(world, room) {
      const bob = await enter(world, room, "bob");
      const ann = await world.open(room, { id: "ann", name: "ann", beats: false });
      await bob.until(() => userIn(bob, "ann"));
      for (let part = 0; part < 5; part++) {
        await world.pass(world.times.heartbeatWithin / 4);
        if (!ann.closed) ann.send({ type: "userUpdate", user: joined("ann", "ann") });
      }
      await bob.until(() => userIn(bob, "ann") === undefined);
    },
  },
  {
    row: "2.2 userUpdate: for somebody else, or as the AI, is refused (mended)",
    async play(world, room) {
      const ann = await enter(world, room, "ann");
      const eve = await enter(world, room, "eve");
      for (const id of ["ann", "ai", "nobody"]) eve.send({ type: "userUpdate", user: joined(id, "Eve") });
      await eve.until(() => heard(eve, "error").length === 3);
      await settled(ann);
      expect(userIn(ann, "ann")).toEqual(joined("ann", "ann"));
      expect(stateOf(ann)?.users.map(({ id }) => id)).toEqual(["ann", "eve"]);
    },
  },
  {
    row: "2.2 userUpdate: under another name keeps the name that the door knows (mended)",
    async play(world, room) {
      const ann = await enter(world, room, "ann", "Ann");
      ann.send({ type: "userUpdate", user: joined("ann", "Boss", { raisedHand: true }) });
      await ann.until(() => userIn(ann, "ann")?.raisedHand);
      expect(userIn(ann, "ann")?.name).toBe("Ann");
    },
  },
  {
    row: "2.2 userLeft: closes the sender as left, tells the others, and the user is gone",
    async play(world, room) {
      const ann = await enter(world, room, "ann");
      const bob = await enter(world, room, "bob");
      ann.send({ type: "userLeft" });
      await ann.until(() => ann.closed);
      expect(ann.closed).toEqual({ code: 1000, reason: "User left" });
      await bob.until(() => userIn(bob, "ann") === undefined);
      expect(heard(bob, "userLeftNotification")).toEqual([{ type: "userLeftNotification", id: "ann" }]);
      expect(heard(ann, "userLeftNotification")).toEqual([]);
    },
  },
  {
    row: "2.2 userLeft: of one who never left the lobby is told by the state alone (mended)",
    async play(world, room) {
      const ann = await world.open(room, { id: "ann", name: "Ann" });
      const bob = await enter(world, room, "bob");
      await bob.until(() => userIn(bob, "ann"));
      ann.send({ type: "userLeft" });
      await bob.until(() => userIn(bob, "ann") === undefined);
      expect(heard(bob, "userLeftNotification")).toEqual([]);
    },
  },
  {
    row: "2.2 userLeft: after a step back into the lobby, as the client does, is still told",
    async play(world, room) {
      const ann = await enter(world, room, "ann");
      const bob = await enter(world, room, "bob");
      ann.send({
        type: "userUpdate",
        user: joined("ann", "ann", { joined: false, tracks: { audioUnavailable: false } }),
      });
      ann.send({ type: "userLeft" });
      await bob.until(() => heard(bob, "userLeftNotification").length > 0);
      expect(heard(bob, "userLeftNotification")).toEqual([{ type: "userLeftNotification", id: "ann" }]);
    },
  },
  {
    row: "2.2 muteUser: mutes whoever is connected, tells them and everyone",
    async play(world, room) {
      const ann = await enter(world, room, "ann");
      const bob = await enter(world, room, "bob");
      bob.send({ type: "muteUser", id: "ann" });
      await ann.until(() => heard(ann, "muteMic").length > 0);
      for (const client of [ann, bob]) await client.until(() => userIn(client, "ann")?.tracks.audioEnabled === false);
      expect(userIn(bob, "ann")?.tracks).toMatchObject({ audio: "session-ann/audio-ann", videoEnabled: true });
      expect(heard(bob, "muteMic")).toEqual([]);
    },
  },
  {
    row: "2.2 muteUser: of nobody, or of the AI, does nothing",
    async play(world, room) {
      const ann = await enter(world, room, "ann");
      for (const id of ["nobody", "ai"]) ann.send({ type: "muteUser", id });
      await settled(ann);
      expect(heard(ann, "error")).toEqual([]);
      expect(userIn(ann, "ann")).toEqual(joined("ann", "ann"));
    },
  },
  {
    row: "2.2 directMessage: reaches its receiver alone, from the sender's name",
    async play(world, room) {
      const ann = await enter(world, room, "ann", "Ann");
      const bob = await enter(world, room, "bob");
      const cid = await enter(world, room, "cid");
      ann.send({ type: "directMessage", to: "bob", message: "hi" });
      await bob.until(() => heard(bob, "directMessage").length > 0);
      expect(heard(bob, "directMessage")).toEqual([{ type: "directMessage", from: "Ann", message: "hi" }]);
      for (const client of [ann, cid]) {
        await settled(client);
        expect(heard(client, "directMessage")).toEqual([]);
      }
    },
  },
  {
    row: "2.2 directMessage: to nobody is reported to the sender (mended)",
    async play(world, room) {
      const ann = await enter(world, room, "ann");
      ann.send({ type: "directMessage", to: "nobody", message: "hi" });
      await ann.until(() => heard(ann, "error").length > 0);
    },
  },
  {
    row: "2.2 e2eeMlsMessage: reaches everyone else, the lobby too, and is never echoed",
    async play(world, room) {
      const ann = await enter(world, room, "ann");
      const bob = await enter(world, room, "bob");
      const lobby = await world.open(room, { id: "lou", name: "Lou" });
      const payload = JSON.stringify({
        type: "shareKeyPackage",
        keyPkg: { FLAG_TYPED_ARRAY: "Uint8Array", data: [1, 2] },
      });
      ann.send({ type: "e2eeMlsMessage", payload });
      for (const client of [bob, lobby]) {
        await client.until(() => heard(client, "e2eeMlsMessage").length > 0);
        expect(heard(client, "e2eeMlsMessage")).toEqual([{ type: "e2eeMlsMessage", payload }]);
      }
      await settled(ann);
      expect(heard(ann, "e2eeMlsMessage")).toEqual([]);
    },
  },
  {
    row: "2.2 e2eeMlsMessage: one order for everyone, notices of leaving among it",
    async play(world, room) {
      const clients = [];
      for (const id of ["ann", "bob", "cid", "dan"]) clients.push(await enter(world, room, id));
      const [ann, bob, cid, dan] = clients as [Client, Client, Client, Client];
      for (let number = 0; number < 10; number++) {
        ann.send({ type: "e2eeMlsMessage", payload: `ann ${number}` });
        bob.send({ type: "e2eeMlsMessage", payload: `bob ${number}` });
        if (number === 5) dan.send({ type: "userLeft" });
      }
      const order = (client: Client) =>
        client.received.flatMap((message) => {
          if (message.type === "e2eeMlsMessage") return [message.payload];
          return message.type === "userLeftNotification" ? [`${message.id} left`] : [];
        });
      await cid.until(() => order(cid).length === 21);
      await ann.until(() => order(ann).length === 11);
      await bob.until(() => order(bob).length === 11);
      expect(order(ann)).toEqual(order(cid).filter((said) => !said.startsWith("ann")));
      expect(order(bob)).toEqual(order(cid).filter((said) => !said.startsWith("bob")));
    },
  },
  {
    row: "2.2 callsApiHistoryEntry: is told to nobody and answered by nothing, whatever is in it",
    async play(world, room) {
      const ann = await enter(world, room, "ann");
      const bob = await enter(world, room, "bob");
      const body = { sessionDescription: { type: "offer", sdp: "v=0\r\n".repeat(20_000) } };
      const endpoint = "/partytracks/sessions/s/tracks/new?correlationId=m";
      ann.send({
        type: "callsApiHistoryEntry",
        sessionId: "s",
        entry: { type: "request", method: "POST", endpoint, body },
      });
      ann.send({ type: "callsApiHistoryEntry", sessionId: "s", entry: { type: "response", endpoint, body: {} } });
      for (const client of [ann, bob]) {
        await settled(client);
        const others = client.received.filter(({ type }) => type !== "roomState" && type !== "partyserver-pong");
        expect(others).toEqual([]);
      }
    },
  },
  {
    row: "2.2 partyserver-ping: is answered (mended)",
    async play(world, room) {
      const ann = await world.open(room, { id: "ann", name: "Ann" });
      ann.send({ type: "partyserver-ping" });
      await ann.until(() => heard(ann, "partyserver-pong").length === 1);
    },
  },
  ...["{", "[]", '{"type":"dance"}', '{"type":"relinquishAiControl"}', '{"type":"userUpdate","user":{"id":"ann"}}'].map(
    (frame): Script => ({
      row: `2.2 anything else: ${frame} is an error to the sender without a stack, and the connection stays`,
      async play(world, room) {
        const ann = await enter(world, room, "ann");
        const bob = await enter(world, room, "bob");
        ann.send(frame);
        await ann.until(() => heard(ann, "error").length === 1);
        expect(heard(ann, "error")[0]?.error).toMatch(/^(bad-message|unknown-command): [^\n]+\.$/);
        ann.send({ type: "userUpdate", user: joined("ann", "ann", { raisedHand: true }) });
        await bob.until(() => userIn(bob, "ann")?.raisedHand);
        expect(heard(bob, "error")).toEqual([]);
      },
    }),
  ),
  {
    row: "2.1 a frame of 1 MiB is passed on",
    async play(world, room) {
      const ann = await enter(world, room, "ann");
      const bob = await enter(world, room, "bob");
      const payload = "x".repeat(1_048_576);
      ann.send({ type: "e2eeMlsMessage", payload });
      await bob.until(() => heard(bob, "e2eeMlsMessage").length === 1);
      expect(heard(bob, "e2eeMlsMessage")[0]?.payload === payload).toBe(true);
    },
  },
  {
    row: "2.1 a burst of what was queued while the socket was away is taken, and the last word holds",
    async play(world, room) {
      const ann = await enter(world, room, "ann");
      const bob = await enter(world, room, "bob");
      for (let number = 0; number < 700; number++) ann.send({ type: "heartbeat" });
      for (let number = 0; number < 100; number++) {
        ann.send({ type: "userUpdate", user: joined("ann", "ann", { speaking: number % 2 === 0 }) });
        const entry = { type: "response", endpoint: "/sessions/new", body: { sessionId: `${number}` } } as const;
        ann.send({ type: "callsApiHistoryEntry", entry });
      }
      ann.send({ type: "userUpdate", user: joined("ann", "ann", { raisedHand: true }) });
      await bob.until(() => userIn(bob, "ann")?.raisedHand);
      expect(heard(ann, "error")).toEqual([]);
    },
  },
];
