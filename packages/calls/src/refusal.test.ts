import { RequestFailure } from "@satsuma/core";
import { type ErrorCode, errors } from "@satsuma/protocol";
import { expect, test } from "vitest";
import { CallsClient } from "./client.ts";
import { CallsRefusal } from "./refusal.ts";

const details = { operation: "tracks/new", session: "s", status: 406 };

test.each(Object.keys(errors) as ErrorCode[])("%s may be tried again exactly as the table says", (errorCode) => {
  expect(new CallsRefusal({ ...details, errorCode }).retry).toBe(errors[errorCode].retry);
});

test.each([
  [425, true],
  [429, true],
  [500, true],
  [503, true],
  [501, false],
  [400, false],
  [410, false],
])("an unknown code is judged by its status %i", (status, retry) => {
  expect(new CallsRefusal({ ...details, status, errorCode: "never_heard_of_it" }).retry).toBe(retry);
  expect(new CallsRefusal({ ...details, status, errorCode: "__proto__" }).retry).toBe(retry);
});

test.each<[string, number, string]>([
  ["an error", 410, '{"errorCode":"session_error","errorDescription":"gone"}'],
  ["an error at status 200", 200, '{"errorCode":"session_error","errorDescription":"gone"}'],
  ["an error status without words", 500, "{}"],
  ["an answer without a body", 200, ""],
  ["an answer that is no object", 200, '"yes"'],
])("%s is thrown as a refusal that tells the operation and no secret", async (_, status, body) => {
  const client = new CallsClient({
    url: "http://sfu/v1/",
    appId: "a/b",
    secret: "hidden",
    fetch: async (request) => {
      expect(request.url).toBe("http://sfu/v1/apps/a%2Fb/sessions/x%2Fy");
      expect(request.headers.get("authorization")).toBe("Bearer hidden");
      return new Response(body, { status });
    },
  });
  const thrown: unknown = await client.session("x/y").catch((error: unknown) => error);
  expect(thrown).toBeInstanceOf(CallsRefusal);
  expect(thrown).toBeInstanceOf(RequestFailure);
  expect(thrown).toMatchObject({ operation: "calls sessions", session: "x/y", status });
  expect(String(thrown)).not.toContain("hidden");
});

test("what a service quotes of a description or a secret is not told on", () => {
  const errorDescription = "cannot use Bearer abcdef123 with v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\na=ice-pwd:hidden";
  const refusal = new CallsRefusal({ ...details, errorCode: "invalid_session_description", errorDescription });
  for (const text of [refusal.message, refusal.errorDescription]) {
    expect(text).not.toMatch(/abcdef123|192\.0\.2\.1|hidden/);
    expect(text).toContain("cannot use");
  }
});
