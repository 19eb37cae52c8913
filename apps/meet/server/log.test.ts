import { RefusedError } from "@satsuma/protocol";
import { expect, test } from "vitest";
import { jsonLog } from "./log.ts";

const secret = "0123456789abcdef".repeat(4);
const sdp = "v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=ice-pwd:QWxhZGRpbjpvcGVuIHNlc2FtZQ\r\n";

test("a line says what happened and where, and no secret or description of a connection", () => {
  const lines: string[] = [];
  const log = jsonLog("info", (line) => lines.push(line));
  const cause = new Error(`fetch with Bearer ${secret} sent ${JSON.stringify({ sdp })}`);
  log.error("request failed", { path: "/v1/apps/a", error: new RefusedError("internal_error", "No.", { cause }) });
  log.warn("asked", { headers: { authorization: `Bearer ${secret}` }, body: { sessionDescription: { sdp } } });
  log.info("made", { app: "a", secret });
  expect(lines.map((line) => JSON.parse(line))).toMatchObject([
    { level: "error", event: "request failed", path: "/v1/apps/a", error: { code: "internal_error", message: "No." } },
    { level: "warn", event: "asked" },
    { level: "info", event: "made", app: "a" },
  ]);
  expect(lines.join("")).toContain("log.test.ts");
  for (const hidden of [secret, "QWxhZGRpbjpvcGVuIHNlc2FtZQ", "IN IP4"]) expect(lines.join("")).not.toContain(hidden);
});

test("what is below the level is not written", () => {
  const lines: string[] = [];
  const log = jsonLog("warn", (line) => lines.push(line));
  log.info("a");
  log.warn("b");
  expect(lines).toHaveLength(1);
});
