import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { redact, redactText } from "./redact.ts";

const secrets = {
  bearer: "s3cr3t-bearer-of-somebody",
  hex: "0123456789abcdef".repeat(4),
  jwt: "eyJhbGciOiJIUzI1NiJ9.eyJyb29tIjoieCJ9.c2lnbmF0dXJlLW9mLWl0",
  password: "correct-horse-battery",
  icePwd: "QWxhZGRpbjpvcGVuIHNlc2FtZQ",
  ufrag: "uF7gX9aa",
  fingerprint: Array.from({ length: 32 }, () => "A7").join(":"),
  address: "203.0.113.77",
};
const sdp = [
  "v=0",
  "o=- 4611731400430051336 2 IN IP4 127.0.0.1",
  "s=-",
  "t=0 0",
  "a=group:BUNDLE 0",
  "m=audio 9 UDP/TLS/RTP/SAVPF 111",
  `c=IN IP4 ${secrets.address}`,
  `a=ice-ufrag:${secrets.ufrag}`,
  `a=ice-pwd:${secrets.icePwd}`,
  `a=fingerprint:sha-256 ${secrets.fingerprint}`,
  `a=candidate:1 1 udp 2122260223 ${secrets.address} 50000 typ host`,
  "a=mid:0",
  "",
].join("\r\n");

describe("nothing of a description is left", () => {
  test.each([
    ["as text", sdp],
    ["with plain line ends", sdp.replaceAll("\r\n", "\n")],
    ["in JSON", JSON.stringify({ sessionDescription: { type: "offer", sdp } })],
    ["in JSON in JSON", JSON.stringify({ body: JSON.stringify({ offer: sdp }) })],
    ["in a sentence", `The peer said "${sdp}" and left.`],
    ["cut in the middle", sdp.slice(sdp.indexOf("a=ice-ufrag"))],
    ["by name", { sdp: "v=0 anything" }],
    ["under another name", { text: sdp }],
    ["in an error", new Error(`cannot read ${sdp}`)],
    ["in a cause", new Error("no", { cause: new Error(sdp) })],
    ["as a candidate of the browser", { candidate: `candidate:1 1 udp 1 ${secrets.address} 9 typ host` }],
  ])("%s", (_, value) => {
    hides(redact(value));
  });

  test("and what stands around it is", () => {
    expect(redactText(`before "${sdp}" after`)).toBe('before "[SDP]" after');
  });
});

describe("no secret is left", () => {
  test.each<[string, unknown]>([
    ["in a header", { headers: { Authorization: `Bearer ${secrets.bearer}` } }],
    ["in real headers", new Headers({ authorization: `Bearer ${secrets.bearer}`, "x-api-key": secrets.password })],
    ["in a sentence", `GET / with Bearer ${secrets.bearer} failed`],
    ["as hexadecimal digits", `the app's ${secrets.hex}`],
    ["as a token", `?x=${secrets.jwt}`],
    ["in a query", `https://host/path?room=a&token=${secrets.password}&b=c`],
    ["in a URL's user", new URL(`turn://guest:${secrets.password}@host:3478`)],
    ["in JSON text", `{"iceServers":[{"username":"u","credential":"${secrets.password}"}]}`],
    ["in escaped JSON text", JSON.stringify(`{"secret":"${secrets.password}"}`)],
    ["by many names", { app_secret: secrets.password, appSecret: secrets.bearer, KEY: secrets.bearer, icePwd: "x" }],
    ["in a map", new Map([["password", secrets.password]])],
    ["as bytes", { raw: new TextEncoder().encode(secrets.password) }],
    ["as an error's field", Object.assign(new Error("no"), { token: secrets.password })],
    ["as a name", { [`Bearer ${secrets.bearer}`]: 1 }],
  ])("%s", (_, value) => {
    hides(redact(value));
  });
});

test("what is no secret stays as it is", () => {
  const fields = {
    path: "/v1/apps/app/sessions/0123456789abcdef0123456789abcdef/tracks/new",
    status: 406,
    errorCode: "invalid_session_description",
    ok: true,
    none: null,
    list: [1, "two"],
    time: "2026-11-20T06:38:07.000Z",
  };
  expect(redact(fields)).toEqual(fields);
});

test("errors say their name, message, fields, place and cause", () => {
  const error = Object.assign(new TypeError("wrong", { cause: new Error("deeper") }), { code: "E1" });
  expect(redact(error)).toMatchObject({
    name: "TypeError",
    message: "wrong",
    code: "E1",
    stack: expect.stringContaining("redact.test.ts"),
    cause: { name: "Error", message: "deeper" },
  });
});

test("circles, depth, length and getters that throw end in a line all the same", () => {
  const circle: Record<string, unknown> = { a: 1 };
  circle.self = circle;
  expect(redact(circle)).toEqual({ a: 1, self: "[…]" });
  let deep: unknown = 1;
  for (let level = 0; level < 100_000; level += 1) deep = [deep];
  expect(JSON.stringify(redact(deep)).length).toBeLessThan(100);
  expect(redactText("x".repeat(1_000_000)).length).toBeLessThan(17_000);
  expect(
    redact({
      get bad() {
        throw new Error("no");
      },
    }),
  ).toBe("[unreadable]");
  expect(redact([1n, () => 1, undefined])).toEqual(["1", "[function]", undefined]);
});

test("whatever surrounds them, secrets under their usual names and looks do not come through", () => {
  const carriers = [
    (text: string) => ({ note: `${text} Bearer ${secrets.bearer}` }),
    (text: string) => ({ [text]: { credential: secrets.password } }),
    (text: string) => [text, { deeper: [{ sdp, text: `${text}\n${sdp}` }] }],
    (text: string) => new Error(`${text}: ${JSON.stringify({ password: secrets.password, sdp })}`),
    (text: string) => `${text} ${secrets.hex} `,
    (text: string) => `${text} ${secrets.jwt}`,
  ];
  fc.assert(
    fc.property(fc.string(), fc.constantFrom(...carriers), fc.json(), (text, carry, json) => {
      hides(redact({ carried: carry(text), json }));
    }),
    { numRuns: 2_000 },
  );
});

test("a long line of any shape costs milliseconds", () => {
  const bad = ["v=0\r\n", "a=", "candidate:", "Bearer ", "token=", "a://", "eyJ", '\\"', "secret", "\\r"];
  for (const piece of bad) {
    const text = piece.repeat(Math.ceil(16_384 / piece.length));
    // Of this process alone: others may want the machine too.
    const before = process.cpuUsage();
    redactText(text);
    expect(process.cpuUsage(before).user / 1_000, piece).toBeLessThan(200);
  }
});

function hides(value: unknown): void {
  const line = JSON.stringify(value);
  for (const [name, secret] of Object.entries(secrets)) expect(line.includes(secret), `${name} in ${line}`).toBe(false);
}
