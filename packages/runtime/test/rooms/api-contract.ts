/**
 * The API of an app's backend and its webhooks, on every runtime: the same requests over real HTTP, a real receiver.
 */
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { Member } from "../host.ts";
import { type Receiver, startReceiver } from "./receiver.ts";
import type { RoomWorld } from "./story.ts";

export const apiKey = "a-key-of-the-API-of-some-length-or-more";

/** Rooms of the world have a grace period of half a second, and end after another half without members. */
export function apiContract(name: string, start: () => Promise<RoomWorld>): void {
  describe(`the API of rooms on ${name}`, () => {
    let world: RoomWorld;
    const receivers: Receiver[] = [];
    beforeAll(async () => {
      world = await start();
    }, 30_000);
    afterAll(() => world.close());
    afterEach(() => {
      for (const receiver of receivers.splice(0)) receiver.close();
    });

    async function ask(method: string, path: string, body?: unknown, bearer = apiKey) {
      const response = await fetch(`${world.url}/api/v1/${path}`, {
        method,
        headers: { Authorization: `Bearer ${bearer}` },
        ...(body !== undefined && { body: typeof body === "string" ? body : JSON.stringify(body) }),
      });
      const text = await response.text();
      return { status: response.status, body: (text === "" ? {} : JSON.parse(text)) as Record<string, unknown> };
    }

    async function hear(): Promise<Receiver> {
      const receiver = await startReceiver();
      receivers.push(receiver);
      return receiver;
    }

    /** Other rooms of the world may still have something to tell. */
    function of({ taken }: Receiver, room: string): Receiver["taken"] {
      return taken.filter((each) => each.room === room);
    }

    async function endpoint(receiver: Receiver, request: object = {}): Promise<string> {
      const made = await ask("POST", "webhooks", { url: receiver.url, ...request });
      expect(made.status).toBe(201);
      receiver.secrets.push(String(made.body.secret));
      return String(made.body.id);
    }

    test("[K1] without the key nothing is told and nothing done, and a wrong body is refused by code", async () => {
      const ann = await Member.join(world, "keys", "Ann");
      expect((await ask("GET", "rooms", undefined, "x")).status).toBe(401);
      expect((await ask("POST", "rooms/keys/orders", { do: "end" }, `${apiKey}x`)).status).toBe(401);
      expect((await ask("GET", "webhooks", undefined, "x")).status).toBe(401);
      for (const body of ["{", '{"do":"explode"}', '{"do":"remove"}', '{"do":"end","extra":1}']) {
        expect(await ask("POST", "rooms/keys/orders", body)).toMatchObject({
          status: 400,
          body: { code: "bad-message" },
        });
      }
      for (const body of [
        "{",
        "{}",
        '{"url":"ftp://a.example"}',
        '{"url":"http://a:b@a.example"}',
        '{"url":"http://a.example","events":["explosion"]}',
      ]) {
        expect(await ask("POST", "webhooks", body)).toMatchObject({ status: 400, body: { code: "bad-message" } });
      }
      expect((await ask("POST", "rooms/keys/orders", { do: "leave" })).body).toMatchObject({ code: "not-supported" });
      expect((await ask("POST", "rooms/keys/orders", { do: "report" })).status).toBe(400);
      expect((await ask("POST", "rooms/keys/orders", "x".repeat(70_000))).body).toMatchObject({ code: "too-large" });
      expect((await ask("GET", "nothing")).status).toBe(404);
      expect(await ann.command({ do: "rename", name: "Annie" })).toMatchObject({ type: "ack" });
      await ann.command({ do: "leave" });
    });

    test("[K2][K4] a backend makes a room with rules and tokens, sees who is in it, removes, revokes and ends", async () => {
      const order = (body: unknown) => ask("POST", "rooms/made/orders", body);
      expect((await order({ do: "keep", kept: true })).status).toBe(200);
      expect((await order({ do: "set-passcode", passcode: "4711" })).status).toBe(200);
      const { items } = (await ask("GET", "rooms")).body as { items: { name: string }[] };
      expect(items.find(({ name }) => name === "made")).toMatchObject({ kept: true, meeting: null });
      const made = await ask("POST", "rooms/made/tokens", { name: "Eve", identity: "eve" });
      expect(made.status).toBe(201);
      const token = String(made.body.token);
      const guess = async (passcode: string) => {
        const member = await Member.open(world, "made");
        member.send({ type: "hello", protocols: [2], client: passcode, token, passcode });
        return member;
      };
      expect(await (await guess("0000")).closed).toMatchObject({ reason: "wrong-passcode" });
      const eve = await guess("4711");
      await eve.until(() => eve.view);
      const seen = (await ask("GET", "rooms/made")).body;
      expect(seen).toMatchObject({
        name: "made",
        people: [{ name: "Eve", identity: "eve" }],
        state: { rules: { passcode: true } },
      });
      expect(JSON.stringify(seen)).not.toContain("pbkdf2");
      const attributes = { seat: "7" };
      expect((await order({ do: "update", id: eve.participant, name: "Eva", attributes })).status).toBe(200);
      await eve.until(
        () => eve.view?.participants[0]?.name === "Eva" && eve.view.participants[0].attributes.seat === "7",
      );
      expect((await order({ do: "revoke", identity: "eve" })).status).toBe(200);
      expect(await eve.closed).toMatchObject({ reason: "revoked" });
      expect(await (await guess("4711")).closed).toMatchObject({ reason: "revoked" });
      expect((await order({ do: "remove", id: "nobody" })).body).toMatchObject({ code: "not-found" });
    });

    test("[G14] a meeting and who was there are in the history, over a restart", async () => {
      const ann = await Member.join(world, "history", "Ann");
      const bob = await Member.join(world, "history", "Bob");
      await bob.command({ do: "leave" });
      const listed = async () => {
        const { items } = (await ask("GET", "rooms")).body as { items: { name: string }[] };
        return items.find((room) => room.name === "history");
      };
      await expect.poll(listed, { timeout: 20_000 }).toMatchObject({ members: 1, peak: 2 });
      expect((await ask("POST", "rooms/history/orders", { do: "end" })).status).toBe(200);
      expect(await ann.closed).toMatchObject({ reason: "ended" });
      await world.restart();
      type Listed = { items: { id: string; endedAt: number | null }[] };
      const meetings = async () => ((await ask("GET", "meetings?room=history")).body as unknown as Listed).items;
      await expect.poll(async () => (await meetings())[0]?.endedAt, { timeout: 20_000 }).toBeGreaterThan(0);
      const [meeting] = await meetings();
      expect(meeting).toMatchObject({ room: "history", peak: 2, joins: 2, why: "ended" });
      const visits = (await ask("GET", `meetings/${meeting?.id}/visits`)).body as { items: { name: string }[] };
      expect(visits.items.map(({ name }) => name).sort()).toEqual(["Ann", "Bob"]);
    });

    test("webhooks made by the API come signed, in order and complete, from a receiver that fails at times, over a restart; and again when asked", async () => {
      const receiver = await hear();
      const before = await Member.join(world, "hooks", "Early");
      const joined = Date.now();
      await expect.poll(Date.now).toBeGreaterThan(joined);
      const id = await endpoint(receiver);
      expect((await ask("GET", "webhooks")).body).toMatchObject({ items: [{ id, url: receiver.url, active: true }] });
      expect(JSON.stringify((await ask("GET", `webhooks/${id}`)).body)).not.toContain(receiver.secrets[0]);
      receiver.fails = (count) => count % 3 === 0;
      const ann = await Member.join(world, "hooks", "Ann");
      receiver.fails = () => true;
      await ann.command({ do: "rename", name: "Annie" });
      await expect.poll(() => receiver.refused, { timeout: 20_000 }).toBeGreaterThan(1);
      await world.restart();
      receiver.fails = () => false;
      const back = await Member.join(world, "hooks", "Annie", ann.token);
      await back.command({ do: "leave" });
      await expect
        .poll(() => of(receiver, "hooks").some(({ event }) => event.type === "room-ended"), { timeout: 40_000 })
        .toBe(true);

      const sequence = of(receiver, "hooks").map(({ event }) => event.seq);
      const distinct = [...new Set(sequence)];
      // What came before it was made is not its business.
      expect(distinct[0]).toBe(3);
      expect(distinct).toEqual(Array.from({ length: distinct.length }, (_, index) => index + 3));
      expect([...sequence].sort((a, b) => a - b)).toEqual(sequence);
      expect(receiver.forged).toBe(0);
      before.peer.terminate();

      const count = of(receiver, "hooks").length;
      expect((await ask("POST", `rooms/hooks/webhooks/${id}/replay?from=4`)).status).toBe(204);
      await expect.poll(() => of(receiver, "hooks").length, { timeout: 20_000 }).toBe(count + distinct.length - 1);
      expect(
        of(receiver, "hooks")
          .slice(count)
          .map(({ event }) => event.seq),
      ).toEqual(distinct.slice(1));
      expect((await ask("GET", "rooms/hooks/webhooks")).body).toMatchObject([{ endpoint: id, dead: [] }]);
      expect((await ask("GET", `webhooks/${id}/dead`)).body).toEqual({ items: [], next: null });
      expect((await ask("DELETE", `webhooks/${id}`)).status).toBe(204);
      expect((await ask("GET", `webhooks/${id}`)).body).toMatchObject({ code: "not-found" });
    }, 60_000);

    test("an endpoint is told what it asked for, under the new secret and for a while the old; a paused and a deleted one nothing", async () => {
      const [some, all] = [await hear(), await hear()];
      const [chosen, whole] = [await endpoint(some, { events: ["participant-left"] }), await endpoint(all)];
      const visit = async (name: string) => {
        const member = await Member.join(world, "filter", name);
        await member.command({ do: "leave" });
        // The other endpoint shows that all of it has been sent.
        const seen = () =>
          of(all, "filter")
            .filter(({ event }) => event.type === "participant-left")
            .map(leaver);
        await expect.poll(seen, { timeout: 20_000 }).toContain(name);
      };
      const leaver = ({ event }: Receiver["taken"][number]) =>
        "who" in event && "name" in (event.who ?? {}) ? (event.who as { name: string }).name : "";
      const heard = () => of(some, "filter").map((each) => `${each.event.type} ${leaver(each)}`);
      await visit("Ann");
      await expect.poll(heard, { timeout: 20_000 }).toEqual(["participant-left Ann"]);

      const rotated = await ask("POST", `webhooks/${chosen}/secret`);
      const now = Date.now();
      expect(rotated.body).toMatchObject({ id: chosen });
      expect(Number(rotated.body.rotatingUntil) - now).toBeGreaterThan(80_000_000);
      await visit("Bob");
      await expect.poll(heard, { timeout: 20_000 }).toHaveLength(2);
      some.secrets = [String(rotated.body.secret)];
      await visit("Cat");
      await expect.poll(heard, { timeout: 20_000 }).toHaveLength(3);
      expect(some.forged).toBe(0);
      const last = await ask("POST", `webhooks/${chosen}/secret?overlap=0`);
      expect(last.body.rotatingUntil).toBeNull();
      await visit("Dan");
      await expect.poll(heard, { timeout: 20_000 }).toHaveLength(4);
      expect(some.forged).toBe(1);

      expect((await ask("PATCH", `webhooks/${chosen}`, { active: false })).body).toMatchObject({ active: false });
      await visit("Eve");
      expect((await ask("PATCH", `webhooks/${chosen}`, { active: true, events: null })).body).toMatchObject({
        events: null,
      });
      expect((await ask("DELETE", `webhooks/${whole}`)).status).toBe(204);
      const fay = await Member.join(world, "filter", "Fay");
      await fay.command({ do: "leave" });
      await expect.poll(() => heard().at(-1), { timeout: 20_000 }).toBe("participant-left Fay");
      expect(heard().filter((each) => each.endsWith("Eve"))).toEqual([]);
      expect(heard()).toContain("participant-joined Fay");
      expect(of(all, "filter").map(leaver)).not.toContain("Fay");
      await ask("DELETE", `webhooks/${chosen}`);
    }, 60_000);

    test("there are sixteen endpoints at the most", async () => {
      const made: string[] = [];
      for (;;) {
        const { status, body } = await ask("POST", "webhooks", { url: "http://127.0.0.1:9/", active: false });
        if (status === 201) made.push(String(body.id));
        else {
          expect(body).toMatchObject({ code: "limit-reached" });
          break;
        }
      }
      expect(made.length).toBe(16);
      await Promise.all(made.map((id) => ask("DELETE", `webhooks/${id}`)));
    });

    test("[L7] what members report is read as a timeline and a debug record, over a restart", async () => {
      const ann = await Member.join(world, "notes", "Ann");
      const bob = await Member.join(world, "notes", "Bob");
      ann.send({ type: "report", session: "s1", sample: { quality: "poor", cause: "cpu", roundTrip: 80 } });
      ann.send({ type: "report", states: { ice: "disconnected" } });
      bob.send({ type: "report", sample: { quality: "good" } });
      type Read = { items: { note: string; participant: string }[]; next: string | null };
      const read = async (path: string) => ((await ask("GET", `rooms/notes/${path}`)).body as unknown as Read).items;
      await expect.poll(async () => (await read("timeline")).length, { timeout: 20_000 }).toBe(2);
      expect(await read(`timeline?participant=${ann.participant}`)).toMatchObject([
        { note: "sample", session: "s1", sample: { quality: "poor", cause: "cpu" } },
      ]);
      const meeting = ann.view?.meeting?.id;
      expect(await read(`timeline?meeting=${meeting}&limit=1`)).toHaveLength(1);
      expect(await read("timeline?meeting=another")).toEqual([]);
      // What is read is written first; otherwise a killed process may lose five seconds of it.
      await expect.poll(async () => (await read("debug")).length, { timeout: 20_000 }).toBe(3);
      await world.restart();
      expect((await read("timeline")).map(({ note }) => note)).toEqual(["sample", "sample"]);
      const debug = await read(`debug?participant=${ann.participant}`);
      expect(debug.slice(0, 2)).toMatchObject([{ note: "event", event: "participant-joined" }, { note: "states" }]);
    });

    test("[L7] a member's requests to the media server go through, and are in the debug record", async () => {
      const ann = await Member.join(world, "media", "Ann");
      const session = await ann.session(world, "media");
      const tracks = [{ location: "local", trackName: "mic", mid: "0" }];
      const sessionDescription = { type: "offer", sdp: "v=0\r\na=candidate:1 1 udp 1 192.0.2.7 9 typ host\r\n" };
      const path = `sessions/${session}/tracks/new?correlationId=one`;
      expect(await ann.media(world, "POST", "media", path, { sessionDescription, tracks })).toMatchObject({
        status: 200,
      });
      expect(await ann.media(world, "GET", "media", "sessions/foreign")).toMatchObject({ status: 403 });
      const { token } = await world.tokens.issue("media", "Stranger");
      expect(await ann.media(world, "POST", "media", "sessions/new", undefined, token)).toMatchObject({ status: 403 });
      const read = async () => (await ask("GET", `rooms/media/debug?session=${session}`)).body.items;
      await expect.poll(read, { timeout: 20_000 }).toMatchObject([
        { note: "call", operation: "new-session", status: 201, participant: ann.participant },
        { note: "call", operation: "tracks", status: 200, correlation: "one", tracks: ["local 0 - mic -"] },
      ]);
      const all = JSON.stringify((await ask("GET", "rooms/media/debug")).body);
      expect(all).toContain('"code":"not-your-session"');
      expect(all).not.toMatch(/candidate|192\.0\.2/);
    });

    // The last one: rooms that it leaves behind would keep others from beginning.
    test("[K4] no more rooms meet at once than may, and one that is over makes room", async () => {
      const members: Member[] = [];
      let refused: { closed: Member["closed"]; error: Promise<unknown> } | undefined;
      for (let number = 0; refused === undefined && number < 20; number++) {
        const { token } = await world.tokens.issue(`many-${number}`, "Ann");
        const member = await Member.open(world, `many-${number}`);
        member.send({ type: "hello", protocols: [2], client: "c", token });
        const outcome = await member.until(() =>
          member.received.find(({ type }) => type === "error" || type === "snapshot"),
        );
        if (outcome.type === "snapshot") members.push(member);
        else refused = { closed: member.closed, error: Promise.resolve(outcome) };
      }
      expect(members.length).toBeGreaterThan(3);
      expect(await refused?.error).toMatchObject({ code: "too-many-rooms", retry: true, retryAfter: 30_000 });
      expect(await refused?.closed).toEqual({ code: 4429, reason: "too-many-rooms" });
      expect(await ask("POST", "rooms/many-kept/orders", { do: "keep", kept: true })).toMatchObject({
        status: 429,
        body: { code: "too-many-rooms" },
      });
      // A room that meets takes more people.
      const second = await Member.join(world, "many-0", "Bob");
      await second.command({ do: "leave" });
      await ask("POST", "rooms/many-0/orders", { do: "end" });
      await expect
        .poll(async () => (await ask("POST", "rooms/many-kept/orders", { do: "keep", kept: true })).status, {
          timeout: 20_000,
        })
        .toBe(200);
      await ask("POST", "rooms/many-kept/orders", { do: "keep", kept: false });
      await Promise.all(members.slice(1).map((member) => member.command({ do: "leave" })));
    });
  });
}
