import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { errors } from "../errors.ts";
import { grants } from "./grants.ts";
import { clientMessage, commandSchema } from "./schema/client.ts";
import { changeSchema, serverMessage } from "./schema/server.ts";

/** What a stranger implements from: every word of the wire has to stand there. */
const page = readFileSync(join(import.meta.dirname, "../../../../docs/protocol.md"), "utf8");

test.each(commandSchema.options.map(({ entries }) => entries.do.literal))("the command %s is told", (word) => {
  expect(page).toContain(`\`${word}\``);
});

test.each(changeSchema.options.map(({ entries }) => entries.change.literal))("the change %s is told", (word) => {
  expect(page).toContain(`| \`${word}\` |`);
});

test.each(grants)("the grant %s is told", (word) => {
  expect(page).toContain(`\`${word}\``);
});

test("every message of either side is told", () => {
  const client = clientMessage.options.map(({ entries }) => entries.type.literal);
  const server = serverMessage.options.flatMap((option) =>
    // A message of several shapes is a choice among the choices.
    "options" in option ? option.options.map(({ entries }) => entries.type.literal) : [option.entries.type.literal],
  );
  for (const word of [...client, ...server]) expect(page).toContain(`"type": "${word}"`);
});

test("the close codes that are told are those of the table", () => {
  const rows = [...page.matchAll(/^\| (\d{4}) \| (`.*`) \|/gm)];
  expect(rows.length).toBeGreaterThan(10);
  for (const [, close, words] of rows) {
    for (const [, word] of (words ?? "").matchAll(/`([a-z-]+)`/g)) {
      const code = Object.entries(errors).find(([name]) => name === word)?.[1];
      if (code && Number(close) >= 4_000) expect(`${word} ${code.close}`).toBe(`${word} ${close}`);
    }
  }
});
