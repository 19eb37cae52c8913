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

interface Proof {
  /** What the file proves, and how. */
  readonly title: string;
  /** The endpoints of tests that stand in no group of their own. */
  readonly endpoint?: string;
  /** Its tests are made by a suite that it shares with others, so their names are known only when it is run. */
  readonly bySuite?: true;
}

/** The tests that are part of the table. */
const files: Readonly<Record<string, Proof>> = {
  "packages/runtime/browser/partytracks.test.ts": { title: "Cloudflare's partytracks 0.0.54, unchanged, in Chromium" },
  "packages/runtime/browser/calls.test.ts": { title: "Every way of tracks with real media in Chromium" },
  "packages/runtime/browser/channels.test.ts": { title: "Data channels in Chromium" },
  "packages/runtime/browser/turn.test.ts": {
    title: "TURN through coturn in Chromium",
    endpoint: "credentials/generate-ice-servers, generate, revoke",
  },
  "packages/runtime/browser/whip.test.ts": {
    title: "WHIP and WHEP with GStreamer and Chromium",
    endpoint: "whip/:stream, whep/:stream",
  },
  "packages/calls/contract/calls.test.ts": {
    title: "The contract, over HTTP with a real peer; runs against Cloudflare's service and two media workers too",
    bySuite: true,
  },
  "packages/sfu/src/api/app.test.ts": { title: "The HTTP side: codes, statuses, bodies, CORS", endpoint: "all" },
  "packages/sfu/src/session/modes.test.ts": { title: "Negotiation of every mode", endpoint: "tracks/new" },
  "packages/sfu/test/waiting.test.ts": {
    title: "What calls wait for, silent tracks, calls per second",
    endpoint: "tracks/new, renegotiate, tracks/close",
  },
  "packages/sfu/test/sfu.test.ts": { title: "How sessions begin and end", endpoint: "sessions/new, sessions/:id" },
  "packages/sfu/test/channels.test.ts": { title: "Data channels", endpoint: "datachannels/new, update, close" },
  "packages/sfu/test/reopening.test.ts": {
    title: "A peer that leaves its transport for another",
    endpoint: "tracks/close, tracks/new",
  },
  "packages/runtime/test/workers.test.ts": {
    title: "Media spread over two processes, with real peers; one of them killed, and hung",
    endpoint: "all",
  },
  "packages/runtime/test/thirdparty.test.ts": {
    title: "Third-party sessions towards werift, as a full ICE agent and as an ICE-lite server",
    endpoint: "sessions/new?thirdparty=true",
  },
  "packages/runtime/test/adapters.test.ts": {
    title: "WebSocket media adapters with real WebSockets and Opus",
    endpoint: "adapters/websocket/new, close",
  },
  "packages/runtime/test/manage.test.ts": {
    title: "Apps and TURN keys in a running server",
    endpoint: "accounts/:account/calls/apps, turn_keys",
  },
  "packages/sfu/src/manage/routes.test.ts": {
    title: "Apps and TURN keys over HTTP",
    endpoint: "accounts/:account/calls/apps, turn_keys",
  },
  "packages/runtime/test/turn.test.ts": {
    title: "TURN credentials over HTTP",
    endpoint: "credentials/generate-ice-servers, generate, revoke",
  },
  "packages/sfu/src/whip/routes.test.ts": {
    title: "WHIP and WHEP over HTTP",
    endpoint: "whip/:stream, whep/:stream",
  },
  "packages/sfu/src/usage/meter.test.ts": { title: "Usage", endpoint: "usage" },
  "packages/runtime/test/usage.test.ts": { title: "Usage of real media", endpoint: "usage" },
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

const names = Object.keys(files);
const written = write([
  ...list(names.filter((file) => files[file]?.bySuite !== true)),
  ...list(
    names.filter((file) => files[file]?.bySuite === true),
    "--staticParse=false",
  ),
]);
if (process.argv.includes("--check")) {
  if (written !== readFileSync(document, "utf8")) {
    console.error("docs/conformance.md is not what the tests say. Run: npm run conformance");
    process.exitCode = 1;
  }
} else {
  writeFileSync(document, written);
}

function list(names: readonly string[], ...options: readonly string[]): Listed[] {
  const folder = mkdtempSync(join(tmpdir(), "satsuma-conformance-"));
  const output = join(folder, "tests.json");
  try {
    const args = [join(root, "node_modules/vitest/vitest.mjs"), "list", `--json=${output}`, ...options, ...names];
    const { status, stderr } = spawnSync(process.execPath, args, { cwd: root, encoding: "utf8" });
    if (status !== 0) throw new Error(`vitest list failed: ${stderr}`);
    const listed = JSON.parse(readFileSync(output, "utf8")) as Listed[];
    return listed.map(({ name, file }) => ({ name, file: relative(root, file) }));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function write(tests: readonly Listed[]): string {
  const sections = Object.entries(files).map(([file, { title, endpoint = "" }]) => {
    const own = tests.filter((test) => test.file === file);
    if (own.length === 0) throw new Error(`${file} has no tests.`);
    const rows = own.map(({ name }) => row(name.split(" > "), endpoint));
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

function row(titles: readonly string[], endpoint: string): string {
  const behaviour = titles.at(-1) ?? "";
  const rule = /^\[(C\d+)\]/.exec(behaviour)?.[1];
  const group = titles.slice(0, -1).join(", ") || endpoint;
  const subject = rule === undefined ? group : (endpoints[rule] ?? "tracks/new");
  return `| ${escaped(subject)} | ${escaped(behaviour)} |`;
}

function escaped(text: string): string {
  return text.replaceAll("|", "\\|").replaceAll("${", "\\${");
}
