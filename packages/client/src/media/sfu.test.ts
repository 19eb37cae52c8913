import { errors } from "@satsuma/protocol";
import { expect, test } from "vitest";
import { isRefusal, isSessionGone, SfuError } from "./sfu.ts";

const answered = (code: keyof typeof errors) => new SfuError(code, errors[code].status, "No.");

test("a missing grant is a refusal and leaves the session as it is: making another one would change nothing", () => {
  const missing = answered("not-allowed");
  expect(isSessionGone(missing)).toBe(false);
  expect(isRefusal(missing)).toBe(true);
});

test("a session that is not one's own any more is gone, as is one that the media server has ended", () => {
  for (const code of ["not-your-session", "session_error", "not_found"] as const) {
    expect(isSessionGone(answered(code)), code).toBe(true);
    expect(isRefusal(answered(code)), code).toBe(false);
  }
});
