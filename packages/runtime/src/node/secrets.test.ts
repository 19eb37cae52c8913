import { mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { keptSecret } from "./secrets.ts";

let folder: string;
beforeEach(async () => {
  folder = join(await mkdtemp(join(tmpdir(), "secrets-")), "data");
});
afterEach(() => rm(join(folder, ".."), { recursive: true }));

test("a secret is made once, and read from then on", async () => {
  const first = await keptSecret(folder, "a.key", 32);
  expect(Buffer.from(first, "base64url")).toHaveLength(32);
  expect(await keptSecret(folder, "a.key", 32)).toBe(first);
  expect(await keptSecret(folder, "b.key", 32)).not.toBe(first);
});

test("nobody but its owner may read it, or the folder that was made for it", async () => {
  await keptSecret(folder, "a.key", 32);
  expect((await stat(join(folder, "a.key"))).mode & 0o777).toBe(0o600);
  expect((await stat(folder)).mode & 0o777).toBe(0o700);
});

test("those who start at the same moment agree", async () => {
  const secrets = await Promise.all(Array.from({ length: 8 }, () => keptSecret(folder, "a.key", 32)));
  expect(new Set(secrets).size).toBe(1);
  expect((await readFile(join(folder, "a.key"), "utf8")).trim()).toBe(secrets[0]);
});
