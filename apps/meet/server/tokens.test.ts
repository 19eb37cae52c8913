import { randomBytes } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { loadSettings, StartError } from "./config.ts";
import { roomTokens } from "./tokens.ts";

const newKey = () => randomBytes(32).toString("base64url");

test("[K1] a key is replaced while people meet: tokens of before hold while it is an earlier one, and no longer", async () => {
  const [first, second, third] = [newKey(), newKey(), newKey()];
  const tokens = (environment: Record<string, string>) => roomTokens(loadSettings(environment));
  const one = await tokens({ SATSUMA_TOKENS_KEY: first });
  const { token: old, participant } = await one.issue("r", "Ann");

  const two = await tokens({
    SATSUMA_TOKENS_KEY: second,
    SATSUMA_TOKENS_KEY_ID: "2027",
    SATSUMA_TOKENS_EARLIER: `:${first}`,
  });
  expect(await two.verify(old, "r")).toMatchObject({ ok: true, value: { participant } });
  const { token: renewed } = await two.issue("r", "Ann", old);
  expect(await two.verify(renewed, "r")).toMatchObject({ ok: true, value: { participant } });
  expect(await one.verify(renewed, "r")).toMatchObject({ ok: false });

  const earlier = `2027:${second}`;
  const three = await tokens({
    SATSUMA_TOKENS_KEY: third,
    SATSUMA_TOKENS_KEY_ID: "2028",
    SATSUMA_TOKENS_EARLIER: earlier,
  });
  expect(await three.verify(renewed, "r")).toMatchObject({ ok: true, value: { participant } });
  expect(await three.verify(old, "r")).toMatchObject({ ok: false });
});

test("the key that was made at the first start is replaced like any other", async () => {
  const folder = mkdtempSync(join(tmpdir(), "satsuma-keys-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const made = await roomTokens(loadSettings({ SATSUMA_DATA_FOLDER: folder }));
  const again = await roomTokens(loadSettings({ SATSUMA_DATA_FOLDER: folder }));
  const { token } = await made.issue("r", "Ann");
  expect(await again.verify(token, "r")).toMatchObject({ ok: true });
  const before = readFileSync(join(folder, "room-tokens.key"), "utf8").trim();
  const keys = { SATSUMA_TOKENS_KEY: newKey(), SATSUMA_TOKENS_KEY_ID: "2027", SATSUMA_TOKENS_EARLIER: `:${before}` };
  expect(await (await roomTokens(loadSettings(keys))).verify(token, "r")).toMatchObject({ ok: true });
});

test("keys that cannot be told apart, or are none, stop the start in a sentence that does not show them", async () => {
  const key = newKey();
  const same = loadSettings({ SATSUMA_TOKENS_KEY: newKey(), SATSUMA_TOKENS_EARLIER: `:${key}` });
  await expect(roomTokens(same)).rejects.toThrow(/^Two keys of room tokens have the same name, or none/);
  for (const earlier of [key, "name:short", `a b:${key}`]) {
    const load = () => loadSettings({ SATSUMA_TOKENS_EARLIER: earlier });
    expect(load).toThrow(StartError);
    expect(load).toThrow(/tokens.earlier \(SATSUMA_TOKENS_EARLIER\) is wrong: expected/);
    expect(load).not.toThrow(earlier);
  }
});
