import type { Json } from "@satsuma/durable";
import { type ScenarioName, scenarios } from "@satsuma/durable/contract/scenarios";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startWorkerd, type Workerd } from "./workerd.ts";

/**
 * What a plain Durable Object does, asked of workerd itself, against what our actors do there.
 *
 * The contract pins ours on every runtime to the same outcomes, so what agrees here agrees everywhere.
 */
describe("[J13] a plain Durable Object and an actor come to the same", { timeout: 60_000 }, () => {
  let workerd: Workerd;
  beforeAll(async () => {
    workerd = await startWorkerd();
  });
  afterAll(() => workerd.close());

  const sqlOnly = (run: string) => run.startsWith("sql");
  /** `limits` is ours alone: an object takes longer keys, which key-value backed ones refuse. */
  const compared = (Object.keys(scenarios) as ScenarioName[]).filter((run) => run !== "program" && run !== "limits");

  test.each(compared)("%s", async (run) => {
    const plain = await workerd.plain(run, { run, given: null });
    const ours = await workerd.ask(sqlOnly(run) ? "tables" : "scripted", `differential ${run}`, { run });
    expect(uncoded(ours)).toEqual(uncoded(plain));
  });

  test.each(Array.from({ length: 40 }, (_, seed) => seed))("program of seed %i", async (given) => {
    const question = { run: "program", given };
    const plain = await workerd.plain(`program ${given}`, question);
    const ours = await workerd.ask("scripted", `program ${given}`, question);
    expect(ours).toEqual(plain);
  });
});

const codes = /^(bad-argument|not-cloneable|too-large|bad-query|closed|Error|TypeError|DataCloneError)$/;

/** Both refuse the same; only ours says why in a code. */
function uncoded(outcome: Json): Json {
  return JSON.parse(JSON.stringify(outcome), (_key, value) =>
    typeof value === "string" && codes.test(value) ? "refused" : value,
  );
}
