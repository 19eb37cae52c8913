import { expect, test } from "vitest";
import { loadSettings } from "./config.ts";
import { turnConfig } from "./turn.ts";

const urls = "stun:relay.example turn:relay.example?transport=udp";
const read = [urls.split(" ")[0], urls.split(" ")[1]];

test.each([
  [{}, undefined],
  [
    { SATSUMA_TURN_URLS: urls, SATSUMA_TURN_SECRET: "s".repeat(16) },
    { by: "shared-secret", urls: read, secret: "s".repeat(16) },
  ],
  [
    { SATSUMA_TURN_URLS: urls, SATSUMA_TURN_DATABASE: "turndb", SATSUMA_TURN_REALM: "r" },
    { by: "user-database", urls: read, file: "turndb", realm: "r" },
  ],
  [
    {
      SATSUMA_TURN_URLS: urls,
      SATSUMA_TURN_DATABASE: "turndb",
      SATSUMA_TURN_REALM: "r",
      SATSUMA_TURN_CLI_PASSWORD: "p",
    },
    {
      by: "user-database",
      urls: read,
      file: "turndb",
      realm: "r",
      cli: { host: "127.0.0.1", port: 5766, password: "p" },
    },
  ],
  [
    { SATSUMA_TURN_CLOUDFLARE_KEY: "k", SATSUMA_TURN_CLOUDFLARE_TOKEN: "t".repeat(16) },
    { by: "cloudflare", keyId: "k", token: "t".repeat(16) },
  ],
])("the relay of %j", (environment, expected) => {
  expect(turnConfig(loadSettings(environment))).toEqual(expected);
});

test.each([
  [{ SATSUMA_TURN_SECRET: "s".repeat(16) }, "SATSUMA_TURN_URLS"],
  [{ SATSUMA_TURN_URLS: urls, SATSUMA_TURN_DATABASE: "turndb" }, "SATSUMA_TURN_REALM"],
  [{ SATSUMA_TURN_CLOUDFLARE_KEY: "k" }, "SATSUMA_TURN_CLOUDFLARE_TOKEN"],
  [{ SATSUMA_TURN_URLS: urls, SATSUMA_TURN_SECRET: "s".repeat(16), SATSUMA_TURN_DATABASE: "x" }, "more than one relay"],
])("a relay that is half described ends the start: %j", (environment, sentence) => {
  expect(() => turnConfig(loadSettings(environment))).toThrow(sentence);
});
