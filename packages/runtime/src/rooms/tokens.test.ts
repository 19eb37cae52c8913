import { expect, test } from "vitest";
import { RoomTokens } from "./tokens.ts";

const key = Buffer.alloc(32, 7);
const hour = 3_600_000;

function issuer(settings: { ttl?: number; renewableFor?: number } = {}) {
  const time = { now: Date.UTC(2026, 0, 1) };
  return { time, tokens: new RoomTokens({ key, ...settings }, () => time.now) };
}

test("a token lets its bearer into its room, as whom it says", async () => {
  const { tokens, time } = issuer();
  const { token, participant, expires } = await tokens.issue("r", "Ann");
  expect(expires).toBe(time.now + 6 * hour);
  const claims = await tokens.verify(token, "r");
  expect(claims).toMatchObject({ ok: true, value: { room: "r", participant, name: "Ann" } });
});

test("two tokens are two participants and two persons", async () => {
  const { tokens } = issuer();
  const [one, two] = await Promise.all([tokens.issue("r", "Ann"), tokens.issue("r", "Ann")]);
  const [a, b] = await Promise.all([tokens.verify(one.token, "r"), tokens.verify(two.token, "r")]);
  if (!a.ok || !b.ok) throw new Error("both hold");
  expect(a.value.participant).not.toBe(b.value.participant);
  expect(a.value.identity).not.toBe(b.value.identity);
});

test("a token holds until it expires, by the server's clock", async () => {
  const { tokens, time } = issuer();
  const { token } = await tokens.issue("r", "Ann");
  time.now += 6 * hour - 1_000;
  expect((await tokens.verify(token, "r")).ok).toBe(true);
  time.now += 1_000;
  expect(await tokens.verify(token, "r")).toMatchObject({ ok: false, refusal: { code: "bad-token" } });
  expect((await tokens.identify(token, "r")).ok).toBe(true);
});

test("who shows an expired token stays who they were, under the new name, for a day", async () => {
  const { tokens, time } = issuer();
  const first = await tokens.issue("r", "Ann");
  time.now += 6 * hour + 23 * hour;
  const second = await tokens.issue("r", "Annie", first.token);
  expect(second.participant).toBe(first.participant);
  expect(await tokens.verify(second.token, "r")).toMatchObject({ value: { name: "Annie" } });
  time.now += 6 * hour + 25 * hour;
  expect((await tokens.issue("r", "Annie", second.token)).participant).not.toBe(first.participant);
});

test.each([
  ["of another room", async (tokens: RoomTokens) => (await tokens.issue("other", "Ann")).token],
  [
    "of another server",
    async () => (await new RoomTokens({ key: Buffer.alloc(32, 8) }, Date.now).issue("r", "A")).token,
  ],
  ["that is none", async () => "x.y.z"],
])("a previous token %s makes its bearer a new participant", async (_, previous) => {
  const { tokens } = issuer();
  const shown = await previous(tokens);
  const { participant, token } = await tokens.issue("r", "Ann", shown);
  expect(participant).toHaveLength(36);
  expect(shown).not.toContain(participant);
  expect((await tokens.verify(token, "r")).ok).toBe(true);
});

test("a key that is too short is refused at once", () => {
  expect(() => new RoomTokens({ key: Buffer.alloc(31) }, Date.now)).toThrow("31 bytes");
});

test.each([
  ["is longer than an id", "x".repeat(129)],
  ["is no well-formed text", "half \ud83d"],
])("a token whose person %s lets nobody in: a room could not keep a record of them", async (_, identity) => {
  const { tokens } = issuer();
  const { token } = await tokens.issue("r", "Ann", { identity });
  expect(await tokens.verify(token, "r")).toMatchObject({ ok: false, refusal: { code: "bad-token" } });
});
