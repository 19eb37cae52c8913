/** Tokens that somebody has made, bent or kept, at the door of a real room. */
import { SignJWT } from "jose";
import { afterAll, beforeAll, expect, test } from "vitest";
import { RoomTokens } from "../src/rooms/tokens.ts";
import { type Host, Member, present, startHost } from "./host.ts";

let host: Host;
let root: Member;
beforeAll(async () => {
  host = await startHost();
  root = await Member.join(host, "r", "Root", (await host.tokens.issue("r", "Root", { role: "host" })).token);
});
afterAll(() => host.close());

async function refusedWith(token: string): Promise<string> {
  const member = await Member.open(host, "r");
  member.send({ type: "hello", protocols: [2], client: "c", token });
  return (await member.closed).reason;
}

const claims = { room: "r", participant: "p-mallory", name: "Mallory" };
const sign = (payload: object, header: object, key: Uint8Array = host.key) =>
  new SignJWT({ ...claims, ...payload })
    .setProtectedHeader({ alg: "HS256", typ: "JWT", ...header })
    .setSubject("mallory")
    .setIssuedAt()
    .setExpirationTime("1h")
    .sign(key);

test.each<[string, () => Promise<string> | string]>([
  ["names a key that is a path", () => sign({}, { kid: "../../../../dev/null" }, new Uint8Array(32))],
  ["names a key that nobody has", () => sign({}, { kid: "no-such-key" })],
  ["names a property of every object as its key", () => sign({}, { kid: "constructor" })],
  ["brings its own key", () => sign({}, { jwk: { kty: "oct", k: "AAAA" } }, new Uint8Array(32))],
  ["has a role that there is not", () => sign({ role: "owner" }, {})],
  ["has a role that every object has", () => sign({ role: "toString" }, {})],
  ["has a grant that there is not", () => sign({ grants: ["everything"] }, {})],
  ["has grants in one text", () => sign({ grants: "moderate" }, {})],
  ["has attributes that are no text", () => sign({ attributes: { a: 1 } }, {})],
  [
    "was given more grants after it was signed",
    async () => {
      const [header, payload, signature] = (await sign({ grants: ["chat"] }, {})).split(".");
      const wide = JSON.parse(Buffer.from(payload ?? "", "base64url").toString());
      const widened = Buffer.from(JSON.stringify({ ...wide, grants: ["chat", "moderate"] })).toString("base64url");
      return [header, widened, signature].join(".");
    },
  ],
])("[K1] a token that %s is refused", async (_, make) => {
  expect(await refusedWith(await make())).toBe("bad-token");
  expect(await present(host, "r")).toEqual(["Root"]);
});

test("[K2] a token's role is its bearer's, and a listener moderates nobody", async () => {
  const { token } = await host.tokens.issue("r", "Lis", { role: "listener" });
  const lis = await Member.join(host, "r", "Lis", token);
  const remove = { do: "remove", id: root.participant } as const;
  expect(await lis.command(remove)).toMatchObject({ type: "error", code: "not-allowed" });
  await lis.command({ do: "leave" });
});

test("[K2] a token's grants stand instead of its role's", async () => {
  const { token } = await host.tokens.issue("r", "Quiet", { grants: ["subscribe"] });
  const quiet = await Member.join(host, "r", "Quiet", token);
  expect(await quiet.command({ do: "say", text: "hello" })).toMatchObject({ type: "error", code: "not-allowed" });
  await quiet.command({ do: "leave" });
});

test("[K1] whoever was removed does not come back on an old token, nor after a restart, but on a new one", async () => {
  const own = await startHost();
  const boss = await Member.join(own, "r", "Boss", (await own.tokens.issue("r", "Boss", { role: "host" })).token);
  const eve = await Member.join(own, "r", "Eve");
  expect(await boss.command({ do: "remove", id: eve.participant })).toMatchObject({ type: "ack" });
  expect(await eve.closed).toMatchObject({ reason: "removed" });
  const again = await Member.open(own, "r");
  again.send({ type: "hello", protocols: [2], client: "c", token: eve.token });
  expect(await again.closed).toMatchObject({ reason: "revoked" });
  // The old token's media requests are nobody's either.
  expect((await eve.media(own, "POST", "r", "sessions/new")).body).toMatchObject({ errorCode: "not-a-member" });
  await own.restart();
  const later = await Member.open(own, "r");
  later.send({ type: "hello", protocols: [2], client: "c", token: eve.token });
  expect(await later.closed).toMatchObject({ reason: "revoked" });
  const fresh = await own.tokens.issue("r", "Eve", eve.token);
  expect((await Member.join(own, "r", "Eve", fresh.token)).participant).toBe(eve.participant);
  await own.close();
});

test("[K1] keys are replaced without anybody noticing: the earlier one's tokens hold, and one that is gone lets nobody in", async () => {
  const now = () => 1_800_000_000_000;
  const [old, fresh] = [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)];
  const before = new RoomTokens({ key: old, keyId: "2026-11" }, now);
  const after = new RoomTokens({ key: fresh, keyId: "2026-12", earlier: [{ id: "2026-11", key: old }] }, now);
  const forgotten = new RoomTokens({ key: fresh, keyId: "2026-12" }, now);
  const { token, participant } = await before.issue("r", "Ann");
  expect(await after.verify(token, "r")).toMatchObject({ ok: true, value: { participant } });
  expect(await forgotten.verify(token, "r")).toMatchObject({ ok: false, refusal: { code: "bad-token" } });
  const renewed = await after.issue("r", "Ann", { previous: token });
  expect(renewed.participant).toBe(participant);
  expect(await forgotten.verify(renewed.token, "r")).toMatchObject({ ok: true });
  // A token of one key under the other's name is no token.
  const swapped = await new RoomTokens({ key: old, keyId: "2026-12" }, now).issue("r", "Ann");
  expect(await after.verify(swapped.token, "r")).toMatchObject({ ok: false });
});

test("[K1] a renewed token keeps what the one before it allowed, unless it is told otherwise", async () => {
  const first = await host.tokens.issue("r", "Ann", { role: "listener", grants: ["chat"], attributes: { team: "a" } });
  const second = await host.tokens.issue("r", "Annie", { previous: first.token });
  expect(await host.tokens.verify(second.token, "r")).toMatchObject({
    value: { name: "Annie", role: "listener", grants: ["chat"], attributes: { team: "a" } },
  });
  const third = await host.tokens.issue("r", "Annie", { previous: second.token, grants: ["subscribe"] });
  expect(await host.tokens.verify(third.token, "r")).toMatchObject({ value: { grants: ["subscribe"] } });
});
