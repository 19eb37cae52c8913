import { expect, test } from "vitest";
import { type ErrorCode, errors, RefusedError, refusal, refusalOf } from "./errors.ts";
import { unwrap } from "./result.ts";

const rows = Object.entries(errors) as [ErrorCode, (typeof errors)[ErrorCode]][];

test.each(rows)("%s has a status and a close code that a browser lets through", (code, { status, close }) => {
  expect(code).toMatch(/^[a-z]+([-_][a-z]+)*$/);
  // A close reason holds 123 bytes (RFC 6455 §5.5).
  expect(code.length).toBeLessThan(124);
  expect(status).toBeGreaterThanOrEqual(400);
  expect(status).toBeLessThan(600);
  expect((close >= 4000 && close < 5000) || [1011, 1012, 1013].includes(close)).toBe(true);
});

const passing = (status: number) => (status >= 500 && status !== 501) || status === 429;

test.each(rows.filter(([, { status }]) => passing(status)))("%s may be tried again", (_, { retry }) => {
  expect(retry).toBe(true);
});

test.each(rows.filter(([, { status }]) => [400, 401, 403, 413, 501].includes(status)))(
  "%s stays refused when it is tried again unchanged",
  (_, { retry }) => {
    expect(retry).toBe(false);
  },
);

test("a thrown refusal keeps its words, and anything else says nothing of itself", () => {
  expect(refusalOf(new RefusedError("room-full", "Full.", { cause: "secret" }))).toEqual({
    code: "room-full",
    message: "Full.",
    retry: true,
  });
  for (const thrown of [new Error("secret"), "secret", null, { code: "room-full", message: "secret" }]) {
    expect(refusalOf(thrown)).toMatchObject({ code: "internal", message: expect.not.stringContaining("secret") });
  }
});

test("a refused result throws its refusal when it is unwrapped", () => {
  expect(unwrap({ ok: true, value: 7 })).toBe(7);
  const refused = { ok: false, refusal: refusal("not-found", "No such room.") } as const;
  expect(() => unwrap(refused)).toThrow(
    expect.objectContaining({ code: "not-found", message: "No such room.", retry: false }),
  );
});
