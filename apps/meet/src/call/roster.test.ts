import type { ParticipantView } from "@satsuma/client";
import { expect, test } from "vitest";
import { en } from "../text/en.ts";
import { rosterNews } from "./roster.ts";

const person = (name: string, change: Partial<ParticipantView> = {}): ParticipantView => ({
  id: name,
  identity: name,
  name,
  joinedAt: 0,
  connection: "connected",
  local: false,
  tracks: [],
  ...change,
});
const me = person("Me", { local: true });

test("one who comes and one who goes are named", () => {
  expect(rosterNews([me, person("Ada")], [me, person("Bo")], en.call)).toEqual(["Bo joined", "Ada left"]);
});

test("a crowd is counted, not recited", () => {
  expect(rosterNews([me], [me, person("A"), person("B"), person("C")], en.call)).toEqual(["3 people joined"]);
});

test("a lost connection and its return are told; one's own coming and going is not", () => {
  const lost = person("Ada", { connection: "recovering" });
  expect(rosterNews([me, person("Ada")], [me, lost], en.call)).toEqual(["Ada lost the connection"]);
  expect(rosterNews([me, lost], [me, person("Ada")], en.call)).toEqual(["Ada is back"]);
  expect(rosterNews([], [me], en.call)).toEqual([]);
});
