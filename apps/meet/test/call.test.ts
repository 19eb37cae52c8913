/** Three people in one call, in three real browsers, through the real server: what each sees and hears of the others. */
import { allowing } from "@satsuma/testkit";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { type Cast, cameraOf, endCast, type Name, startCast } from "./stage/cast.ts";
import { Person } from "./stage/person.ts";
import { type Server, startServer } from "./stage/server.ts";
import { until } from "./stage/until.ts";

let server: Server;
let cast: Cast;
let room = 0;
const present: Person[] = [];

beforeAll(async () => {
  [server, cast] = await Promise.all([startServer(), startCast()]);
});

afterEach(async () => {
  await Promise.all(present.splice(0).map((person) => person.close()));
  room += 1;
});

afterAll(async () => {
  await endCast(cast);
  await server?.stop();
});

async function enter(name: Name): Promise<Person> {
  const person = await Person.inCall(name, cast[name], server.url, `call-${room}`);
  present.push(person);
  return person;
}

async function enterAll(): Promise<[Person, Person, Person]> {
  const [anna, ben, cleo] = await Promise.all([enter("Anna"), enter("Ben"), enter("Cleo")]);
  await Promise.all([
    anna.surroundedBy(["Ben", "Cleo"]),
    ben.surroundedBy(["Anna", "Cleo"]),
    cleo.surroundedBy(["Anna", "Ben"]),
  ]);
  return [anna, ben, cleo];
}

test("three people see and hear each other, each in the size they send", async () => {
  const people = await enterAll();
  const pairs = people.flatMap((one) => people.filter((other) => other !== one).map((other) => [one, other] as const));
  await Promise.all([
    ...pairs.map(async ([one, other]) => {
      const { width, height } = await one.sees(other.name, cameraOf(other.name as Name));
      // Of its layers the largest; how large a layer others receive is what their tiles need.
      const [sent] = (await other.stats()).outgoing
        .filter(({ kind }) => kind === "video")
        .sort((a, b) => b.height - a.height);
      expect({ width: sent?.width, height: sent?.height }).toEqual({ width, height });
    }),
    ...people.map((one) => one.hears(2)),
  ]);
  for (const { connections, incoming } of await Promise.all(people.map((one) => one.stats()))) {
    expect(connections).toBe(1);
    expect(incoming).toHaveLength(4);
    for (const { packetsLost, packetsReceived } of incoming) expect(packetsLost).toBeLessThan(packetsReceived / 100);
  }
});

test("muting silences a person at the others and shows it, unmuting brings the voice back", async () => {
  const [anna, ben, cleo] = await enterAll();
  await Promise.all([ben.hears(2), cleo.hears(2)]);
  await anna.press("Mute");
  await Promise.all([ben, cleo].map((other) => other.tile("Anna", "muted", ({ muted }) => muted)));
  await Promise.all([ben.hears(1), cleo.hears(1), anna.hears(2)]);
  await anna.press("Unmute");
  await Promise.all([ben, cleo].map((other) => other.tile("Anna", "unmuted", ({ muted }) => !muted)));
  await Promise.all([ben.hears(2), cleo.hears(2)]);
});

test("a camera switched off is an avatar at the others, switched on again it is a picture", async () => {
  const [anna, ben, cleo] = await enterAll();
  await Promise.all([ben.sees("Anna"), cleo.sees("Anna")]);
  await anna.press("Turn camera off");
  for (const other of [ben, cleo]) {
    const tile = await other.tile("Anna", "as an avatar", ({ camera }) => !camera);
    expect(tile.video).toBeUndefined();
    await other.page.getByTestId("tile").filter({ hasText: "Anna" }).getByText("A", { exact: true }).waitFor();
  }
  await Promise.all([ben.sees("Cleo"), cleo.sees("Ben")]);
  await anna.press("Turn camera on");
  await Promise.all([ben.sees("Anna", cameraOf("Anna")), cleo.sees("Anna", cameraOf("Anna"))]);
});

test("somebody who joins later gets everything that is there, mute states included", async () => {
  const [anna, ben] = await Promise.all([enter("Anna"), enter("Ben")]);
  await Promise.all([anna.sees("Ben"), ben.sees("Anna")]);
  await anna.press("Mute");
  await ben.press("Turn camera off");
  await anna.tile("Ben", "as an avatar", ({ camera }) => !camera);
  await ben.tile("Anna", "muted", ({ muted }) => muted);

  const cleo = await enter("Cleo");
  await cleo.surroundedBy(["Anna", "Ben"]);
  await cleo.sees("Anna", cameraOf("Anna"));
  await cleo.hears(1);
  expect(await cleo.tiles()).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ name: "Anna", muted: true, camera: true }),
      expect.objectContaining({ name: "Ben", muted: false, camera: false }),
    ]),
  );
  // What was off when they came in comes when it is switched on.
  await ben.press("Turn camera on");
  await anna.press("Unmute");
  await cleo.sees("Ben", cameraOf("Ben"));
  await cleo.hears(2);
});

test("a layer that nobody watches is not encoded, and is again as soon as somebody does", async () => {
  const anna = await enter("Anna");
  const layer = async (rid: string) => {
    const { outgoing } = await anna.stats();
    const bytes = outgoing.find((stream) => stream.rid === rid)?.bytes;
    return { bytes: bytes ?? 0, least: outgoing.find((stream) => stream.rid === "c")?.bytes ?? 0 };
  };
  let before = await layer("b");
  // So much of the least layer is some seconds of it.
  const enough = 40_000;
  await until("the larger layer rests while the least one is sent", async () => {
    const now = await layer("b");
    if (now.bytes !== before.bytes) before = now;
    return now.bytes > 0 && now.least > before.least + enough;
  });
  const ben = await enter("Ben");
  await ben.sees("Anna", cameraOf("Anna"));
  expect((await layer("b")).bytes).toBeGreaterThan(before.bytes);
});

test("somebody who leaves is gone from the others in under 2 s", async () => {
  const [anna, ben, cleo] = await enterAll();
  await Promise.all([ben.sees("Anna"), cleo.sees("Anna")]);
  const pressed = performance.now();
  await anna.press("Leave");
  await Promise.all([ben.surroundedBy(["Cleo"]), cleo.surroundedBy(["Ben"])]);
  expect(performance.now() - pressed).toBeLessThan(allowing(2_000));
  await anna.page.getByText("You left the meeting").waitFor();
  // Nothing is left behind: the devices are given back, and the connection is closed.
  expect((await anna.stats()).connections).toBe(0);
  await Promise.all([ben.sees("Cleo"), cleo.sees("Ben")]);
});
