import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { pageRoutes } from "./page.ts";

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "page-"));
  mkdirSync(join(folder, "assets"));
  writeFileSync(join(folder, "index.html"), "<!doctype html>the page");
  writeFileSync(join(folder, "favicon.svg"), "<svg/>");
  writeFileSync(join(folder, "assets", "app-1a2b3c.js"), "go()");
  writeFileSync(join(folder, "..", "beside.txt"), "not for anybody");
});
afterAll(() => {
  rmSync(join(folder, "..", "beside.txt"));
  rmSync(folder, { recursive: true });
});

test.each(["/", "/r/standup", "/r/a%20b", "/r/caf%C3%A9"])("%s is the page, asked for each time", async (path) => {
  const response = await pageRoutes(folder).request(path);
  expect(await response.text()).toContain("the page");
  expect(response.headers.get("cache-control")).toBe("no-cache");
});

test("a file with a hash in its name is kept for ever", async () => {
  const response = await pageRoutes(folder).request("/assets/app-1a2b3c.js");
  expect(response.headers.get("content-type")).toContain("text/javascript");
  expect(response.headers.get("cache-control")).toBe("public, max-age=31536000, immutable");
});

test("other files are served and asked for each time", async () => {
  const response = await pageRoutes(folder).request("/favicon.svg");
  expect(response.status).toBe(200);
  expect(response.headers.get("cache-control")).toBe("no-cache");
});

test.each(["/assets/gone.js", "/nothing", "/../beside.txt", "/..%2fbeside.txt", "/assets/..%2f..%2fbeside.txt"])(
  "%s is not there",
  async (path) => {
    expect((await pageRoutes(folder).request(path)).status).toBe(404);
  },
);

test("where nothing is, a person is told by the page and a program by the status alone", async () => {
  const navigation = { headers: { accept: "text/html,application/xhtml+xml,*/*;q=0.8" } };
  const shown = await pageRoutes(folder).request("/nothing", navigation);
  expect(shown.status).toBe(404);
  expect(shown.headers.get("content-type")).toContain("text/html");
  expect(await shown.text()).toContain("the page");
  const told = await pageRoutes(folder).request("/nothing", { headers: { accept: "*/*" } });
  expect(told.status).toBe(404);
  expect(await told.text()).not.toContain("the page");
});
