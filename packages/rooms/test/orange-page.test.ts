import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { scripts } from "../contract/orange/index.ts";

test("docs/orange.md has a row for every script, and a script for every row", () => {
  const page = readFileSync(new URL("../../../docs/orange.md", import.meta.url), "utf8");
  const rows = [...page.matchAll(/^\| (2\.\d [^|]+?) \|/gm)].map(([, row = ""]) => row);
  const begins = (script: string, row: string) => script.startsWith(row);
  expect(rows.filter((row) => !scripts.some((script) => begins(script.row, row)))).toEqual([]);
  expect(scripts.map(({ row }) => row).filter((script) => !rows.some((row) => begins(script, row)))).toEqual([]);
});
