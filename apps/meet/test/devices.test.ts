/** Coming in without camera, without microphone, or without permission: said in plain words, and the call works. */
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { Chromium, type Equipment } from "./stage/browser.ts";
import { cameraOf, startBrowser } from "./stage/cast.ts";
import { Person } from "./stage/person.ts";
import { type Server, startServer } from "./stage/server.ts";

let server: Server;
let anna: Chromium;
let room = 0;
const present: Person[] = [];
const browsers: Chromium[] = [];

beforeAll(async () => {
  [server, anna] = await Promise.all([startServer(), startBrowser("Anna")]);
});

afterEach(async () => {
  await Promise.all(present.splice(0).map((person) => person.close()));
  await Promise.all(browsers.splice(0).map((browser) => browser.close()));
  room += 1;
});

afterAll(async () => {
  await anna?.close();
  await server?.stop();
});

/** Anna, who has everything, in the call, and Ben with his equipment in the lobby. */
async function meet(equipment: Partial<Equipment>, permissions: string[] = []): Promise<{ anna: Person; ben: Person }> {
  const browser = await Chromium.start({ camera: { width: 320, height: 240 }, pitch: 120, ...equipment });
  browsers.push(browser);
  const both = await Promise.all([
    Person.inCall("Anna", anna, server.url, `devices-${room}`),
    Person.inLobby("Ben", browser, server.url, `devices-${room}`, { permissions }),
  ]);
  present.push(...both);
  return { anna: both[0], ben: both[1] };
}

test("without permission for either", async () => {
  const { anna, ben } = await meet({ permits: false });
  await ben.page.getByText("Microphone and camera blocked").waitFor();
  await ben.page.getByText("You can join without it.").waitFor();
  await ben.join();
  await ben.sees("Anna", cameraOf("Anna"));
  await ben.hears(1);
  await anna.tile("Ben", "as a silent avatar", ({ muted, camera }) => muted && !camera);
  await ben.page.getByText("Microphone and camera blocked").waitFor();
});

test("without permission for the microphone", async () => {
  const { anna, ben } = await meet({ permits: false }, ["camera"]);
  await ben.page.getByText("Microphone blocked").waitFor();
  await ben.join();
  await ben.hears(1);
  await anna.sees("Ben", { width: 320, height: 240 });
  await anna.tile("Ben", "as muted", ({ muted, camera }) => muted && camera);
});

test("without a camera", async () => {
  const { anna, ben } = await meet({ hasCamera: false });
  await ben.page.getByText("No camera found").waitFor();
  await ben.join();
  await ben.sees("Anna", cameraOf("Anna"));
  await anna.hears(1);
  await anna.tile("Ben", "as an avatar with a voice", ({ muted, camera }) => !muted && !camera);
});

test("with both switched off in the lobby, and on later in the call", async () => {
  const { anna, ben } = await meet({});
  await ben.press("Mute");
  await ben.press("Turn camera off");
  await ben.join();
  await anna.tile("Ben", "as a silent avatar", ({ muted, camera }) => muted && !camera);
  await ben.sees("Anna", cameraOf("Anna"));
  await anna.hears(0);
  await ben.press("Unmute");
  await ben.press("Turn camera on");
  await anna.sees("Ben", { width: 320, height: 240 });
  await anna.hears(1);
  // The first camera of a call that received pictures before is one more push on the same connection.
  expect(await ben.stats()).toMatchObject({ made: 1 });
});

test("who speaks while muted is told so, and is not heard", async () => {
  const { anna, ben } = await meet({});
  await ben.join();
  await anna.hears(1);
  await ben.press("Mute");
  await ben.page.getByText("Others cannot hear you").waitFor();
  await anna.hears(0);
  await ben.press("Unmute");
  await ben.page.getByText("Others cannot hear you").waitFor({ state: "detached" });
  await anna.hears(1);
});

test("a microphone without a sound and a camera without light are told of", async () => {
  const { ben } = await meet({ pitch: 0, lit: false });
  await ben.join();
  await ben.page.getByText("No sound comes from your microphone").waitFor();
  await ben.page.getByText("picture is black").waitFor();
});

test("size and sound are changed while the devices are in use", async () => {
  const { anna, ben } = await meet({});
  await ben.join();
  await anna.sees("Ben", { width: 320, height: 240 });
  const changed = await ben.page.evaluate(async () => {
    const local = window.satsuma?.local;
    const before = local?.snapshot();
    await local?.setCapture({
      camera: { width: 160, height: 120, frameRate: 10 },
      microphone: { noiseSuppression: false },
    });
    const after = local?.snapshot();
    const { width, height } = after?.camera.track?.getSettings() ?? {};
    return {
      sameCamera: before?.camera.track === after?.camera.track,
      size: { width, height },
      on: after?.microphone.on,
      noiseSuppression: after?.microphone.track?.getSettings().noiseSuppression,
    };
  });
  expect(changed).toEqual({
    sameCamera: true,
    size: { width: 160, height: 120 },
    on: true,
    noiseSuppression: false,
  });
  await anna.sees("Ben");
  await anna.hears(1);
});

test("another background and a voice without noise, chosen in the lobby, are what others get", async () => {
  const { anna, ben } = await meet({});
  const state = (kind: string) => ben.page.locator(`[data-${kind}-effect="on"]`).waitFor();
  await ben.page.getByRole("radio", { name: "Quiet wall" }).click();
  await ben.page.getByRole("switch", { name: "Voice only" }).click();
  await Promise.all([state("camera"), state("microphone")]);
  await ben.join();
  await anna.sees("Ben", { width: 320, height: 240 });
  await anna.hears(1);
  await ben.press("Mute");
  await anna.hears(0);
  await ben.press("Unmute");
  await anna.hears(1);
  await ben.press("Turn camera off");
  await anna.tile("Ben", "as an avatar", ({ camera }) => !camera);
  await ben.press("Turn camera on");
  await anna.sees("Ben", { width: 320, height: 240 });
});

test("a listener keeps the others when the first one leaves, on the same connection", async () => {
  const { anna, ben } = await meet({ permits: false });
  await ben.join();
  await ben.sees("Anna", cameraOf("Anna"));
  const browser = await startBrowser("Cleo");
  browsers.push(browser);
  const cleo = await Person.inCall("Cleo", browser, server.url, `devices-${room}`);
  present.push(cleo);
  await ben.sees("Cleo", cameraOf("Cleo"));
  await anna.press("Leave");
  await ben.surroundedBy(["Cleo"]);
  await ben.sees("Cleo", cameraOf("Cleo"));
  expect((await ben.stats()).made).toBe(1);
});

test("a name is asked for, and its lack is said at the field", async () => {
  const { ben } = await meet({});
  await ben.page.getByLabel("Your name").fill("   ");
  await ben.press("Join meeting");
  await ben.page.getByText("Enter a name so that others know who you are.").waitFor();
  expect(await ben.page.getByLabel("Your name").getAttribute("aria-invalid")).toBe("true");
  expect(await ben.page.getByLabel("Your name").evaluate((field) => field === document.activeElement)).toBe(true);
});
