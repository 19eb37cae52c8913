import type { Json } from "@satsuma/durable";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { expected, expectedSql } from "./expected.ts";
import type { Platform, World } from "./platform.ts";
import type { ScenarioName } from "./scenarios.ts";

/** [J2] [J4] [J5]: what storage means, scenario by scenario. */
export function storageSuite(platform: Platform): void {
  describe("storage", () => {
    let world: World;
    beforeAll(async () => {
      world = await platform.start();
    });
    afterAll(() => world.close());

    test.each(Object.entries(expected))("[J2] %s", async (run, outcome) => {
      expect(await world.ask("scripted", run, { run })).toEqual(outcome);
    });

    test("[J2] values come back as structured clone keeps them", async () => {
      const { read, isShared } = (await world.ask("scripted", "values", { run: "values" })) as {
        read: [string, string][];
        isShared: boolean;
      };
      expect(isShared).toBe(true);
      expect(Object.fromEntries(read)).toMatchObject({
        date: "[object Date] 12345",
        map: '[object Map] [["a",1],[{"k":1},[1,2]]]',
        set: '[object Set] [1,"x"]',
        bytes: "[object Uint8Array] 1,2,255",
        bigint: `${2n ** 80n}n`,
        minusZero: "-0",
        nan: "number null",
        regexp: "[object RegExp] /a+b/gi",
        error: "[object Error] RangeError far",
        nested: '[object Object] a,u {"a":[1,{"b":null}]}',
      });
    });

    test("[J2] what was stored is there after a restart", async () => {
      const before = await world.ask("scripted", "seven", { run: "program", given: 7 });
      await world.restart();
      const { left } = before as { left: [string, Json][] };
      await world.ask("diary", "kept", { do: "add", n: 5 });
      await world.restart();
      expect(await world.ask("diary", "kept", { do: "read" })).toMatchObject({ sum: 5, starts: 2 });
      expect(left.length).toBeGreaterThan(0);
    });

    test("[J1] actors of one name are one, and of two names share nothing", async () => {
      await world.ask("diary", "one", { do: "add", n: 1 });
      await world.ask("diary", "one", { do: "add", n: 1 });
      expect(await world.ask("diary", "one", { do: "read" })).toMatchObject({ sum: 2, asked: 3 });
      expect(await world.ask("diary", "two", { do: "read" })).not.toHaveProperty("sum");
    });

    const sql = platform.capabilities.sql ? (Object.entries(expectedSql) as [ScenarioName, Json][]) : [];
    test.each(sql)("[J2] %s", async (run, outcome) => {
      expect(await world.ask("tables", run, { run })).toEqual(outcome);
    });

    test("[J2] SQL is refused to a class that does not declare it", async () => {
      await expect(world.ask("scripted", "undeclared", { run: "sql" })).rejects.toMatchObject({
        code: "not-supported",
      });
    });
  });
}
