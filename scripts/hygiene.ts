/**
 * What no file of the repository may hold, and no tool here looks for.
 *
 * Looks at the files Git tracks or would add, so that a slip is seen before it is committed.
 */
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

export type File = { path: string; text: string };

const ceiling = 400;

/** Source files that may be longer than the ceiling, each with its reason. */
const long: Readonly<Record<string, string>> = {};

const source = /\.(ts|tsx|mjs|css)$/;

const lineRules: ReadonlyArray<{ rule: RegExp; where?: RegExp; sentence: string }> = [
  {
    rule: /(?<![\w.*-])(\/(root|home|work|tmp|Users)\/|[A-Z]:\\Users\\)/,
    sentence: "holds a path of one machine",
  },
  { rule: /\b(TO(?:DO)|FIX(?:ME)|X{3})\b/, sentence: "leaves work for later; do it, or write an issue" },
  { rule: /^(<{7}|>{7}|={7}$)/, sentence: "holds a merge conflict" },
  { rule: /"resolved": "https?:/, where: /^package-lock\.json$/, sentence: "names the registry of one machine" },
];

const pathRules: ReadonlyArray<{ rule: RegExp; sentence: string }> = [
  { rule: /(^|\/)(utils?|helpers?|common|misc)(\/|\.\w+$)/, sentence: "is named for no idea" },
];

/** One sentence for each slip in these files. */
export function slips(files: readonly File[]): string[] {
  return files.flatMap(({ path, text }) => {
    const lines = text.split("\n");
    const inPath = pathRules.filter(({ rule }) => rule.test(path)).map(({ sentence }) => `${path} ${sentence}`);
    const inLines = lineRules
      .filter(({ where }) => where?.test(path) ?? true)
      .flatMap(({ rule, sentence }) =>
        lines.flatMap((line, index) => (rule.test(line) ? [`${path}:${index + 1} ${sentence}`] : [])),
      );
    const tooLong = source.test(path) && lines.length - 1 > ceiling && !(path in long);
    const length = tooLong ? [`${path} has ${lines.length - 1} lines, more than ${ceiling}`] : [];
    return [...inPath, ...inLines, ...length];
  });
}

if (import.meta.main) {
  const root = join(import.meta.dirname, "..");
  const listing = execFileSync("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"], { cwd: root });
  const paths = listing
    .toString()
    .split("\0")
    .filter((path) => path !== "" && existsSync(join(root, path)));
  const files = paths.map((path) => ({ path, text: readFileSync(join(root, path), "utf8") }));
  const found = slips(files.filter(({ text }) => !text.includes("\0")));
  for (const slip of found) console.error(slip);
  if (found.length > 0) process.exitCode = 1;
}
