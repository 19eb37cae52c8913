import { expect, test } from "vitest";
import { iceServerLinks } from "./links.ts";

test("every URL is a link of its own, with its credential quoted", () => {
  expect(
    iceServerLinks([
      { urls: ["stun:one.example:3478"] },
      { urls: ["turn:two.example?transport=udp", "turns:two.example"], username: '1:"a\\', credential: "b=" },
    ]),
  ).toEqual([
    '<stun:one.example:3478>; rel="ice-server"',
    '<turn:two.example?transport=udp>; rel="ice-server"; username="1:\\"a\\\\"; credential="b="; credential-type="password"',
    '<turns:two.example>; rel="ice-server"; username="1:\\"a\\\\"; credential="b="; credential-type="password"',
  ]);
});
