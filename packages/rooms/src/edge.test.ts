import { expect, test } from "vitest";
import { hear } from "./edge.ts";

test("a hello is handed out with its token, for the shell to verify", () => {
  const hello = {
    type: "hello",
    protocols: [9, 2],
    token: "t",
    client: "c",
    resume: { lineage: "l", version: 4, chat: 1 },
  };
  expect(hear(1, JSON.stringify(hello))).toEqual({
    heard: "hello",
    protocol: 2,
    token: "t",
    client: "c",
    resume: { lineage: "l", version: 4, chat: 1 },
  });
});

test("a hello of other protocols is rejected before anybody looks at its token", () => {
  const heard = hear(1, '{"type":"hello","protocols":[1,3],"token":"t","client":"c"}');
  expect(heard).toMatchObject({ input: { input: "rejected", refusal: { code: "unsupported-protocol" } } });
});

test("a new passcode is handed out to be hashed, and taking it away is a command", () => {
  const command = (passcode: string | null) =>
    hear(1, JSON.stringify({ type: "command", id: 4, command: { do: "set-passcode", passcode } }));
  expect(command("sesame")).toEqual({ heard: "passcode", id: 4, passcode: "sesame" });
  expect(command(null)).toMatchObject({ input: { id: 4, command: { do: "set-passcode", hash: null } } });
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
