/** Everything can be reached without a mouse, and axe finds nothing serious on any screen in either theme. */
import { AxeBuilder } from "@axe-core/playwright";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Chromium } from "./stage/browser.ts";
import { startBrowser } from "./stage/cast.ts";
import { Person } from "./stage/person.ts";
import { type Server, startServer } from "./stage/server.ts";
import { until } from "./stage/until.ts";

let server: Server;
let browser: Chromium;

beforeAll(async () => {
  [server, browser] = await Promise.all([startServer(), startBrowser("Anna")]);
});

afterAll(async () => {
  await browser?.close();
  await server?.stop();
});

test("from the start page into a call, muted, unmuted and out again, with the keyboard alone", async () => {
  const context = await browser.context();
  const page = await context.newPage();
  await page.goto(server.url);
  await tabTo(page, "New meeting");
  await page.keyboard.press("Enter");

  await page.getByRole("heading", { name: "Ready to join?" }).waitFor();
  await arrived(page, "Ready to join?");
  await tabTo(page, "Your name");
  await page.keyboard.type("Anna MV");
  await page.keyboard.press("Enter");
  await page.getByTestId("call").waitFor();
  await until("the focus is on the call's heading", async () =>
    page.evaluate(() => document.activeElement?.matches("[data-testid=call] h1") ?? false),
  );

  // Typing the name's M and V was no shortcut; here they are.
  const microphone = page.getByTestId("microphone-toggle");
  const camera = page.getByTestId("camera-toggle");
  expect(await microphone.getAttribute("data-on")).toBe("true");
  expect(await camera.getAttribute("data-on")).toBe("true");
  await page.keyboard.press("m");
  await page.getByRole("button", { name: "Unmute" }).waitFor();
  await page.keyboard.press("v");
  await page.getByRole("button", { name: "Turn camera on" }).waitFor();
  await tabTo(page, "Unmute");
  await page.keyboard.press("Enter");
  await page.getByRole("button", { name: "Mute" }).waitFor();

  await tabTo(page, "Settings");
  await page.keyboard.press("Enter");
  await page.getByRole("dialog").waitFor();
  await page.keyboard.press("Escape");
  await page.getByRole("dialog").waitFor({ state: "detached" });
  await until("the focus is back on the button that opened the settings", async () => {
    return (await focused(page)) === "Settings";
  });

  await tabTo(page, "Leave");
  await page.keyboard.press("Enter");
  await arrived(page, "You left the meeting");
  await tabTo(page, "Rejoin");
  await context.close();
});

test("with forced colours, who speaks and what is chosen are drawn as a line", async () => {
  const anna = await Person.inLobby("Anna", browser, server.url, "forced", { forcedColors: "active" });
  const line = (selector: string, part?: string) =>
    anna.page.waitForFunction(
      ([place = "", pseudo]) => {
        const element = document.querySelector(place);
        return element !== null && getComputedStyle(element, pseudo).outlineStyle === "solid";
      },
      [selector, part] as const,
    );
  await line("[role=radio][data-checked]");
  await anna.join();
  await line("[data-testid=tile][data-speaking=true]", "::after");
  await anna.close();
});

test("the word for oneself stays readable beside any name", async () => {
  const names = { endless: "Maximiliane ".repeat(10), backwards: "\u202eAnna" };
  for (const [room, name] of Object.entries(names)) {
    const anna = await Person.inLobby(name, browser, server.url, room, { viewport: { width: 320, height: 480 } });
    await anna.join();
    const you = anna.page.getByTestId("tile").getByText("(you)", { exact: true });
    const [word, tile] = [await you.boundingBox(), await anna.page.getByTestId("tile").boundingBox()];
    if (!word || !tile) throw new Error("it is not drawn");
    expect(word.x + word.width).toBeLessThan(tile.x + tile.width);
    await anna.close();
  }
});

describe.each(["light", "dark"] as const)("in the %s theme", (colorScheme) => {
  test("axe finds nothing serious on the start page, in the lobby, in the call and after it", async () => {
    // Pages that move are measured at rest.
    const anna = await Person.inLobby("Anna", browser, server.url, `axe-${colorScheme}`, {
      colorScheme,
      reducedMotion: "reduce",
    });
    const { page } = anna;
    await until("the camera picture is there", async () => (await page.locator("video").count()) === 1);
    await expectNothingSerious(page, "lobby");
    await anna.join();
    const ben = await Person.inCall("Ben", browser, server.url, `axe-${colorScheme}`);
    await anna.sees("Ben");
    await ben.press("Turn camera off");
    await ben.press("Mute");
    await anna.tile("Ben", "as a silent avatar", ({ muted, camera }) => muted && !camera);
    await expectNothingSerious(page, "call");
    await anna.press("Settings");
    await page.getByRole("dialog").waitFor();
    await expectNothingSerious(page, "settings");
    await page.keyboard.press("Escape");
    await anna.press("Leave");
    await page.getByText("You left the meeting").waitFor();
    await expectNothingSerious(page, "page after the call");
    await page.goto(server.url);
    await page.getByRole("button", { name: "New meeting" }).waitFor();
    await expectNothingSerious(page, "start page");
    await Promise.all([anna.close(), ben.close()]);
  });
});

/** Moves the focus by Tab until it is on the control of that name; fails when a whole round passes it by. */
async function tabTo(page: Page, name: string): Promise<void> {
  const passed: string[] = [];
  for (let presses = 0; presses < 40; presses += 1) {
    await page.keyboard.press("Tab");
    const now = await focused(page);
    if (now === name) return;
    passed.push(now);
  }
  throw new Error(`Tab does not lead to ${name}, but past ${passed.join(", ")}`);
}

/** A new page: the focus is on its heading, and not on a control that is gone. */
async function arrived(page: Page, heading: string): Promise<void> {
  await until(`the focus is on "${heading}"`, async () => (await focused(page)) === heading);
}

/** The accessible name of what has the focus, from its label or text. */
function focused(page: Page): Promise<string> {
  return page.evaluate(() => {
    const element = document.activeElement;
    if (element instanceof HTMLInputElement) return element.labels?.[0]?.textContent ?? "";
    return element?.getAttribute("aria-label") ?? element?.textContent?.trim() ?? "";
  });
}

async function expectNothingSerious(page: Page, where: string): Promise<void> {
  const { violations, passes } = await new AxeBuilder({ page }).analyze();
  const serious = violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .map(({ id, nodes }) => `${where}: ${id} at ${nodes.map(({ target }) => target.join(" ")).join(", ")}`);
  expect(serious).toEqual([]);
  expect(passes.length).toBeGreaterThan(10);
}
