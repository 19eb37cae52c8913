import { expect, test } from "vitest";
import { hear, tell } from "./edge.ts";

test("a hello is handed out with its token, for the shell to verify", () => {
  expect(hear(1, '{"type":"hello","protocol":1,"token":"t","version":4}')).toEqual({ heard: "hello", token: "t" });
});

test("a hello of another protocol is rejected before anybody looks at its token", () => {
  const heard = hear(1, '{"type":"hello","protocol":2,"token":"t"}');
  expect(heard).toMatchObject({ input: { input: "rejected", refusal: { code: "unsupported-protocol" } } });
});

test("a command that cannot be read keeps its id, so that its refusal names it", () => {
  const heard = hear(7, '{"type":"command","id":3,"command":{"do":"fly"}}');
  expect(heard).toMatchObject({ input: { input: "rejected", socket: 7, id: 3, refusal: { code: "unknown-command" } } });
});

test.each(["", "{", "null", "[]", '"hello"', '{"type":1}', '{"type":"hello"}', '{"type":"ping","more":1}'])(
  "a frame that is no message is rejected: %s",
  (frame) => {
    expect(hear(1, frame)).toMatchObject({ input: { input: "rejected" } });
  },
);

test("an error carries its id only when it has one", () => {
  const refusal = { code: "not-found", message: "no", retry: false } as const;
  expect(JSON.parse(tell({ effect: "error", to: 1, refusal }))).toEqual({ type: "error", ...refusal });
  expect(JSON.parse(tell({ effect: "error", to: 1, refusal, id: 0 }))).toEqual({ type: "error", id: 0, ...refusal });
});
