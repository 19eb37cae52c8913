/** Somebody in the audience of a webinar: hears and sees the stage, may not speak, asks for the word and gets it. */
import type { Room } from "@satsuma/client";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Cast, cameraOf, endCast, startCast } from "./stage/cast.ts";
import { Person } from "./stage/person.ts";
import { type Server, startServer } from "./stage/server.ts";
import { until } from "./stage/until.ts";

const key = "key-of-a-backend-that-runs-webinars";
const room = "webinar";
let server: Server;
let cast: Cast;

beforeAll(async () => {
  [server, cast] = await Promise.all([startServer({ SATSUMA_API_KEY: key }), startCast()]);
});

afterAll(async () => {
  await endCast(cast);
  await server?.stop();
});

test("a listener hears and sees the stage, is refused to publish, raises a hand, and speaks on the same page once let on stage", async () => {
  const anna = await Person.inCall("Anna", cast.Anna, server.url, room);
  const ben = await Person.inLobby("Ben", cast.Ben, server.url, room);
  try {
    const listening = await api<Admitted>("tokens", { name: "Ben", role: "listener" });
    const { participant } = listening;
    await ben.page.route(`**/api/rooms/${room}/tokens`, (route) => route.fulfill({ status: 201, json: listening }));
    // A token was asked for as soon as there was a name, so the name becomes another one.
    await ben.page.getByLabel("Your name").fill("Ben in the audience");
    const asked = spokenToMedia(ben.page);
    await ben.join();
    await Promise.all([ben.sees("Anna", cameraOf("Anna")), ben.hears(1)]);
    // Ben came with both switched on. The room said no to that, once.
    const { made } = await ben.stats();
    expect(made).toBeLessThanOrEqual(2);
    expect(await ben.page.evaluate(cameraIsOn)).toBe(false);
    expect(await ben.button("Mute").or(ben.button("Unmute")).count()).toBe(0);
    expect(asked.filter((line) => line.endsWith("begin"))).toHaveLength(made);
    expect(await ben.page.evaluate(publish)).toMatchObject({ ok: false, refusal: { code: "not-allowed" } });
    expect(await anna.names()).toEqual([]);

    await ben.press("Raise hand");
    await ben.button("Lower hand").waitFor();
    await until("Anna's page knows of the hand", () =>
      anna.page.evaluate((id) => window.satsuma?.snapshot().room.hands.some((hand) => hand.id === id), participant),
    );

    await api("orders", { do: "set-role", id: participant, role: "speaker" });
    await anna.surroundedBy(["Ben"]);
    await anna.hears(0);
    await ben.press("Unmute");
    await ben.press("Turn camera on");
    await Promise.all([anna.sees("Ben", cameraOf("Ben")), anna.hears(1)]);
    // The microphone and the layers of the camera are pushed on the connection on which Ben listened.
    expect(await ben.stats()).toMatchObject({ connections: 1, made });
  } finally {
    await Promise.all([anna.close(), ben.close()]);
  }
});

interface Admitted {
  readonly token: string;
  readonly participant: string;
}

async function api<Answer>(path: string, body: object): Promise<Answer> {
  const response = await fetch(`${server.url}/api/v1/rooms/${room}/${path}`, {
    method: "POST",
    headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  expect(response.status).toBeLessThan(300);
  return (await response.json()) as Answer;
}

function spokenToMedia(page: Page): string[] {
  const asked: string[] = [];
  page.on("response", (response) => {
    const [, what] = /\/sfu\/sessions\/(.*)$/.exec(response.url()) ?? [];
    if (what !== undefined) asked.push(`${response.status()} ${what}`);
  });
  return asked;
}

declare global {
  interface Window {
    satsuma?: Room | undefined;
  }
}

function cameraIsOn(): boolean | undefined {
  return window.satsuma?.snapshot().local.camera.on;
}

/** Says that there is a camera, as a page of another make might. */
async function publish(): Promise<unknown> {
  const session = window.satsuma?.connectionRecord().session ?? "";
  const track = { name: "face", kind: "video", source: "camera", session, muted: false } as const;
  return await window.satsuma?.do({ do: "publish", tracks: [track] });
}
