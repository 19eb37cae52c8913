/**
 * Where settings come from: defaults, then an optional JSON file, then the environment; the last word wins.
 *
 * The only file that knows the names of environment variables. Values are never printed: one of them may be a secret.
 */
import * as v from "valibot";
import { type Settings, settingsSchema } from "./settings.ts";

/** A start that cannot go on. The message is one sentence for the operator. */
export class StartError extends Error {
  override readonly name = "StartError";
}

type Tree = Record<string, unknown>;

/** Variables of the environment as they came, and the text of the file that SATSUMA_CONFIG names, if it names one. */
export function loadSettings(environment: Readonly<Record<string, string | undefined>>, file?: string): Settings {
  const merged: Tree = {};
  for (const [section, values] of Object.entries(file === undefined ? {} : parseFile(file))) {
    merged[section] = isTree(values) ? { ...values } : values;
  }
  for (const [variable, value] of Object.entries(environment)) {
    if (value === undefined || !ours.test(variable)) continue;
    const place = variables.get(variable);
    if (!place) throw new StartError(`There is no setting ${variable}.`);
    const section = merged[place.section] ?? {};
    merged[place.section] = isTree(section) ? { ...section, [place.key]: value } : section;
  }
  for (const section of sections) merged[section] ??= {};
  const parsed = v.safeParse(settingsSchema, merged);
  if (parsed.success) return parsed.output;
  throw new StartError(describe(parsed.issues[0]));
}

/** `SATSUMA_ROOMS_HELLO_WITHIN` for `rooms.helloWithin`. */
export function variableOf(section: string, key: string): string {
  return `SATSUMA_${section}_${key.replace(/[A-Z]/g, (letter) => `_${letter}`)}`.toUpperCase();
}

const sections = Object.keys(settingsSchema.entries);
/** Variables that begin with the name of a section are settings, so a misspelled one is an error and not ignored. */
const ours = new RegExp(`^SATSUMA_(${sections.join("|").toUpperCase()})_`);
const variables = new Map(
  Object.entries(settingsSchema.entries).flatMap(([section, { entries }]) =>
    Object.keys(entries).map((key) => [variableOf(section, key), { section, key }] as const),
  ),
);

function parseFile(text: string): Tree {
  try {
    const json: unknown = JSON.parse(text);
    if (isTree(json)) return json;
  } catch {
    // The sentence below says what is wrong.
  }
  throw new StartError("The configuration file that SATSUMA_CONFIG names is not a JSON object.");
}

function describe(issue: v.BaseIssue<unknown>): string {
  const [section, key] = (v.getDotPath(issue) ?? "").split(".");
  const name = key === undefined ? section : `${section}.${key}`;
  if (issue.expected === "never") return `There is no setting ${name}.`;
  const variable = section === undefined || key === undefined ? "" : ` (${variableOf(section, key)})`;
  return `The setting ${name}${variable} is wrong: ${reasonOf(issue)}.`;
}

/** Says what was expected and leaves out what was given. */
function reasonOf(issue: v.BaseIssue<unknown>): string {
  return issue.message.replace(/ but received .*$/s, "").replace(/^Invalid [^:]+: E/, "e");
}

function isTree(value: unknown): value is Tree {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
