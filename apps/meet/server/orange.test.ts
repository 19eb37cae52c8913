import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { freeUdpPort } from "../../../scripts/ports.ts";
import { loadSettings } from "./config.ts";
import { startMeet } from "./meet.ts";

const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "meet-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

async function start(environment: Record<string, string>) {
  const media = String(await freeUdpPort());
  const own = { SATSUMA_DATA_FOLDER: folder, SATSUMA_HTTP_PORT: "0", SATSUMA_MEDIA_PORT: media };
  return startMeet(loadSettings({ ...own, ...environment }), undefined, silent);
}

test("Orange's routes are there when asked for, and its cookie holds after a restart", async () => {
  const names = async (url: string) => {
    const body = new URLSearchParams({ username: "Ann" });
    return fetch(`${url}/set-username`, { method: "POST", body, redirect: "manual" });
  };
  const first = await start({ SATSUMA_ORANGE_ENABLED: "true" });
  const answer = await names(first.url);
  expect(answer.status).toBe(302);
  const [cookie = ""] = answer.headers.getSetCookie();
  await first.close();
  const second = await start({ SATSUMA_ORANGE_ENABLED: "true" });
  const headers = { cookie: cookie.split(";")[0] ?? "" };
  expect((await fetch(`${second.url}/api/reportRefresh`, { method: "POST", headers })).status).toBe(201);
  await second.close();
  const without = await start({});
  expect((await names(without.url)).status).toBe(404);
  await without.close();
});
