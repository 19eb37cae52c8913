/**
 * docs/conformance.md: which behaviour of the Calls API which test proves, written from the names of the tests themselves.
 *
 * `--check` writes nothing and fails when the document is not what the tests say.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";

interface Listed {
  /** Titles from the outermost describe to the test, with ` > ` between. */
  readonly name: string;
  readonly file: string;
}

const root = fileURLToPath(new URL("..", import.meta.url));
const document = join(root, "docs/conformance.md");

/** The tests that are part of the table: what each file proves, and how. */
const files: Readonly<Record<string, string>> = {
  "packages/runtime/browser/partytracks.test.ts": "Cloudflare's partytracks 0.0.54, unchanged, in Chromium",
  "packages/runtime/browser/calls.test.ts": "Every way of tracks with real media in Chromium",
  "packages/runtime/browser/channels.test.ts": "Data channels in Chromium",
  "packages/runtime/browser/turn.test.ts": "TURN through coturn in Chromium",
  "packages/runtime/browser/whip.test.ts": "WHIP and WHEP with GStreamer and Chromium",
  "packages/calls/contract/calls.test.ts":
    "The contract, over HTTP with a real peer; runs against Cloudflare's service too",
  "packages/sfu/src/api/app.test.ts": "The HTTP side: codes, statuses, bodies, CORS",
  "packages/sfu/src/session/modes.test.ts": "Negotiation of every mode",
  "packages/sfu/test/waiting.test.ts": "What calls wait for, silent tracks, calls per second",
  "packages/sfu/test/channels.test.ts": "Data channels",
  "packages/sfu/test/reopening.test.ts": "A peer that leaves its transport for another",
};

/** Endpoints of the contract's rules, which stand in its test names. */
const endpoints: Readonly<Record<string, string>> = {
  C1: "sessions/new",
  C4: "sessions/:id",
  C6: "tracks/close",
  C7: "tracks/close",
  C9: "all",
  C10: "sessions/:id",
  C11: "all",
  C12: "renegotiate",
  C13: "all",
  C17: "tracks/update",
  C18: "datachannels/establish",
  C19: "datachannels/new, update, close",
  C20: "sessions/new",
  C21: "all",
};

const written = write(list());
if (process.argv.includes("--check")) {
  if (written !== readFileSync(document, "utf8")) {
    console.error("docs/conformance.md is not what the tests say. Run: npm run conformance");
    process.exitCode = 1;
  }
} else {
  writeFileSync(document, written);
}

function list(): Listed[] {
  const folder = mkdtempSync(join(tmpdir(), "satsuma-conformance-"));
  const output = join(folder, "tests.json");
  try {
    const args = [join(root, "node_modules/vitest/vitest.mjs"), "list", `--json=${output}`, ...Object.keys(files)];
    const { status, stderr } = spawnSync(process.execPath, args, { cwd: root, encoding: "utf8" });
    if (status !== 0) throw new Error(`vitest list failed: ${stderr}`);
    const listed = JSON.parse(readFileSync(output, "utf8")) as Listed[];
    return listed.map(({ name, file }) => ({ name, file: relative(root, file) }));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function write(tests: readonly Listed[]): string {
  const sections = Object.entries(files).map(([file, title]) => {
    const own = tests.filter((test) => test.file === file);
    if (own.length === 0) throw new Error(`${file} has no tests.`);
    const rows = own.map(({ name }) => row(name.split(" > ")));
    return `## ${title}\n\n\`${file}\`\n\n| endpoint or subject | behaviour |\n|---|---|\n${rows.join("\n")}\n`;
  });
  const head = [
    "# Conformance with the Calls API",
    "",
    "Written by `npm run conformance` from the names of the tests; `npm test` fails when it is not up to date.",
    "A `%s` or `$name` stands for each case of a table of tests.",
    "",
  ].join("\n");
  return `${head}\n${sections.join("\n")}`;
}

function row(titles: readonly string[]): string {
  const behaviour = titles.at(-1) ?? "";
  const rule = /^\[(C\d+)\]/.exec(behaviour)?.[1];
  const subject = rule === undefined ? titles.slice(0, -1).join(", ") : (endpoints[rule] ?? "tracks/new");
  return `| ${escaped(subject)} | ${escaped(behaviour)} |`;
}

function escaped(text: string): string {
  return text.replaceAll("|", "\\|").replaceAll("${", "\\${");
}
