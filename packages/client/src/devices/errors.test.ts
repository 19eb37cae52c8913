import { expect, test } from "vitest";
import { deviceErrorCode } from "./errors.ts";

function thrown(name: string, message = ""): Error {
  return new DOMException(message, name);
}

test.each([
  ["a refusal", thrown("NotAllowedError", "Permission denied"), "denied", "denied"],
  ["Chromium's closed question", thrown("NotAllowedError", "Permission dismissed"), "prompt", "dismissed"],
  ["Firefox's refusal for once", thrown("NotAllowedError", "The request is not allowed"), "prompt", "dismissed"],
  [
    "Chromium's block by the system",
    thrown("NotAllowedError", "Permission denied by system"),
    "granted",
    "blocked-by-system",
  ],
  ["no device", thrown("NotFoundError", "Requested device not found"), undefined, "not-found"],
  ["a device that cannot do it", thrown("OverconstrainedError"), undefined, "not-found"],
  ["a device in use", thrown("NotReadableError", "Could not start video source"), undefined, "in-use"],
  ["Firefox's device in use", thrown("AbortError", "Starting videoinput failed"), undefined, "in-use"],
  ["a policy that forbids", thrown("SecurityError"), undefined, "denied"],
  ["a page without https", new TypeError("mediaDevices is undefined"), undefined, "insecure"],
  ["something new", thrown("FutureError"), undefined, "unknown"],
] as const)("%s", (_, error, permission, code) => {
  expect(deviceErrorCode(error, permission)).toBe(code);
});

test("something that is no error at all", () => {
  expect(deviceErrorCode("oops")).toBe("unknown");
});
