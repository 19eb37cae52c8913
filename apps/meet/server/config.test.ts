import { defaultRoomSettings } from "@satsuma/rooms";
import * as v from "valibot";
import { expect, test } from "vitest";
import { loadSettings, StartError, variableOf } from "./config.ts";
import { settingsSchema } from "./settings.ts";

test("a room is made as the room's package makes it, unless an operator says otherwise", () => {
  expect(defaultRoomSettings).toMatchObject(loadSettings({}).rooms);
});

test("without any configuration everything has its default", () => {
  expect(loadSettings({})).toMatchObject({
    http: { host: "127.0.0.1", port: 8787 },
    media: { port: 8788 },
    rooms: { grace: 10_000, participants: 1000 },
    log: { level: "warn" },
  });
});

test("the environment overrules the file, the file overrules the default", () => {
  const file = JSON.stringify({ http: { port: 9000, host: "0.0.0.0" }, rooms: { grace: 5_000 } });
  const settings = loadSettings({ SATSUMA_HTTP_PORT: "9100" }, file);
  expect(settings.http).toMatchObject({ port: 9100, host: "0.0.0.0" });
  expect(settings.rooms.grace).toBe(5_000);
});

test("every setting has a reason, and a variable that sets it", () => {
  const names = new Set<string>();
  for (const [section, { entries }] of Object.entries(settingsSchema.entries)) {
    for (const [key, schema] of Object.entries(entries)) {
      expect(v.getDescription(schema.wrapped) ?? "", `${section}.${key}`).toMatch(/^[A-Z].{15,}\.$/);
      names.add(variableOf(section, key));
    }
  }
  expect(names).toContain("SATSUMA_ROOMS_HELLO_WITHIN");
  expect(names).toContain("SATSUMA_SFU_URL");
});

test.each([
  [
    { SATSUMA_HTTP_PORT: "eighty" },
    "The setting http.port (SATSUMA_HTTP_PORT) is wrong: expected a whole number from 0 to 65535.",
  ],
  [
    { SATSUMA_HTTP_PORT: "65536" },
    "The setting http.port (SATSUMA_HTTP_PORT) is wrong: expected a whole number from 0 to 65535.",
  ],
  [
    { SATSUMA_HTTP_PORT: "" },
    "The setting http.port (SATSUMA_HTTP_PORT) is wrong: expected a whole number from 0 to 65535.",
  ],
  [
    { SATSUMA_ROOMS_GRACE: "-1" },
    "The setting rooms.grace (SATSUMA_ROOMS_GRACE) is wrong: expected a whole number from 1 to 3600000.",
  ],
  [{ SATSUMA_SFU_URL: "ftp://x" }, "The setting sfu.url (SATSUMA_SFU_URL) is wrong: expected http or https."],
  [
    { SATSUMA_TOKENS_KEY: "short" },
    "The setting tokens.key (SATSUMA_TOKENS_KEY) is wrong: expected at least 32 bytes as base64url.",
  ],
  [
    { SATSUMA_LOG_LEVEL: "loud" },
    'The setting log.level (SATSUMA_LOG_LEVEL) is wrong: expected ("error" | "warn" | "info").',
  ],
  [
    { SATSUMA_SFU_SECRET: "short" },
    "The setting sfu.secret (SATSUMA_SFU_SECRET) is wrong: expected 16 to 512 characters.",
  ],
  [
    { SATSUMA_MEDIA_ADVERTISE: "192.0.2.1,example.org" },
    "The setting media.advertise (SATSUMA_MEDIA_ADVERTISE) is wrong: expected IP addresses.",
  ],
  [{ SATSUMA_HTTP_PROT: "1" }, "There is no setting SATSUMA_HTTP_PROT."],
])("%j does not start, and the sentence names the key", (environment, sentence) => {
  expect(() => loadSettings(environment)).toThrow(new StartError(sentence));
});

test.each([
  ["{", "The configuration file that SATSUMA_CONFIG names is not a JSON object."],
  ["[]", "The configuration file that SATSUMA_CONFIG names is not a JSON object."],
  ['{"htp":{}}', "There is no setting htp."],
  ['{"http":{"prt":1}}', "There is no setting http.prt."],
  ['{"http":8080}', "The setting http is wrong: expected Object."],
  [
    '{"http":{"port":"x"}}',
    "The setting http.port (SATSUMA_HTTP_PORT) is wrong: expected a whole number from 0 to 65535.",
  ],
])("a file that holds %s does not start, and the sentence says why", (file, sentence) => {
  expect(() => loadSettings({}, file)).toThrow(new StartError(sentence));
});

test("a wrong secret is not printed", () => {
  expect(() => loadSettings({ SATSUMA_SFU_SECRET: "hunter2" })).toThrow(
    expect.objectContaining({ message: expect.not.stringContaining("hunter2") }),
  );
});

test("addresses for media come as a list from a file and with commas from the environment", () => {
  expect(loadSettings({ SATSUMA_MEDIA_ADVERTISE: "192.0.2.1, 2001:db8::1" }).media.advertise).toEqual([
    "192.0.2.1",
    "2001:db8::1",
  ]);
  expect(loadSettings({}, '{"media":{"advertise":["192.0.2.1"]}}').media.advertise).toEqual(["192.0.2.1"]);
});

test("variables that are not settings are none of our business", () => {
  expect(() => loadSettings({ SATSUMA_CONFIG: "x.json", PATH: "/bin" })).not.toThrow();
});
