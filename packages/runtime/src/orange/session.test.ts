import { createHmac } from "node:crypto";
import { expect, test } from "vitest";
import { identifyBy } from "./identify.ts";
import { Sessions } from "./session.ts";

const secret = "secret-of-the-test";
const sessions = new Sessions([secret, "an older secret"]);

/** As Remix 2 writes it, by the reference's words. */
function remix(json: object, key = secret): string {
  const data = Buffer.from(JSON.stringify(json)).toString("base64");
  const signature = createHmac("sha256", key).update(data).digest("base64").replace(/=+$/, "");
  return `${data}.${signature}`;
}

test("a cookie of Orange's own is read, whatever the name is written in", async () => {
  for (const username of ["Ann", "Jürgen", "李", "a b", "👩‍🚀"]) {
    expect(await sessions.read(remix({ username }))).toEqual({ name: username, person: `name ${username}`, since: 0 });
  }
});

test("a cookie that was minted here is the one that Orange would mint, and reads back", async () => {
  const visitor = { name: "Zoë", person: "p1", since: 1_795_153_156_193 };
  const value = await sessions.mint(visitor);
  expect(value).toBe(remix({ username: "Zoë", person: "p1", since: visitor.since }));
  expect(await sessions.read(value)).toEqual(visitor);
});

test("a cookie of an earlier secret is still believed, one of another secret is not", async () => {
  expect(await sessions.read(remix({ username: "Ann" }, "an older secret"))).toMatchObject({ name: "Ann" });
  expect(await sessions.read(remix({ username: "Ann" }, "somebody else's"))).toBeUndefined();
});

test.each([
  ["nothing", undefined],
  ["an empty one", ""],
  ["no signature", Buffer.from('{"username":"Ann"}').toString("base64")],
  ["a signature that is not base64", `${Buffer.from("{}").toString("base64")}.%%%`],
  [
    "another name under the same signature",
    remix({ username: "Ann" }).replace(/^[^.]+/, Buffer.from('{"username":"Eve"}').toString("base64")),
  ],
  ["no name", remix({})],
  ["a name of blanks", remix({ username: "  " })],
  ["a name that is no text", remix({ username: 7 })],
  ["null", remix(null as unknown as object)],
  ["5,000 characters", remix({ username: "x".repeat(5_000) })],
])("%s is nobody", async (_, value) => {
  expect(await sessions.read(value)).toBeUndefined();
});

test("a header names a visitor only if it is trusted", async () => {
  const headers: Record<string, string> = {
    "x-email": "ann@example.com",
    cookie: `a=b; __session=${encodeURIComponent(remix({ username: "Bob" }))}`,
  };
  const header = (name: string) => headers[name];
  expect(await identifyBy({ sessions })(header)).toMatchObject({ name: "Bob" });
  expect(await identifyBy({ sessions, nameHeader: "x-email" })(header)).toMatchObject({ name: "ann@example.com" });
  expect(await identifyBy({ sessions, nameHeader: "x-none" })(header)).toMatchObject({ name: "Bob" });
});
