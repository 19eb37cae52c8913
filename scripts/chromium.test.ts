import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { ensureChromium, findChromium, type Machine } from "./chromium.ts";

let home = "";
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "chromium-"));
});
afterEach(() => rmSync(home, { recursive: true }));

/** A machine that keeps nothing outside its home. */
function machine(over: Partial<Machine> = {}): Machine {
  return { platform: "linux", env: { PATH: join(home, "bin") }, home, superuser: false, browsers: [], ...over };
}

function program(path: string, mode = 0o755): string {
  const full = join(home, path);
  mkdirSync(dirname(full), { recursive: true });
  writeFileSync(full, "#!/bin/sh\n", { mode });
  return full;
}

test("the program that the environment names is taken before any on the path", () => {
  program("bin/chromium");
  const named = program("mine/chrome");
  expect(findChromium(machine({ env: { PATH: join(home, "bin"), CHROME_PATH: named } }))).toBe(named);
});

test("a named program that does not exist is an error, not a search", () => {
  program("bin/chromium");
  const env = { PATH: join(home, "bin"), CHROMIUM_PATH: join(home, "nothing") };
  expect(() => findChromium(machine({ env }))).toThrow("which is not a program");
});

test("the path is searched for every usual name", () => {
  const chrome = program("bin/google-chrome");
  expect(findChromium(machine())).toBe(chrome);
});

test("a file that cannot be executed is passed over", () => {
  program("bin/chromium", 0o644);
  const own = program("cache/chrome");
  expect(findChromium(machine({ browsers: [own] }))).toBe(own);
});

test("applications of a Mac's user are found", () => {
  const app = program("Applications/Google Chrome.app/Contents/MacOS/Google Chrome");
  expect(findChromium(machine({ platform: "darwin" }))).toBe(app);
});

test("without a Chromium and without the right to install one, the sentence says what to do", () => {
  program("bin/apt-get");
  expect(() => ensureChromium(machine())).toThrow("install one");
  expect(() => ensureChromium(machine({ superuser: true, env: { PATH: home } }))).toThrow("install one");
});

test("a superuser of Debian gets one installed", () => {
  const apt = program("bin/apt-get");
  const chromium = join(home, "bin/chromium");
  const lines = [
    "#!/bin/sh",
    `[ "$1" = update ] && exit 0`,
    `echo '#!/bin/sh' > ${chromium}`,
    `/bin/chmod +x ${chromium}`,
  ];
  writeFileSync(apt, `${lines.join("\n")}\n`);
  expect(ensureChromium(machine({ superuser: true }))).toBe(chromium);
});

test("what apt-get says is told when it fails", () => {
  writeFileSync(program("bin/apt-get"), "#!/bin/sh\necho 'no such mirror' >&2\nexit 100\n");
  expect(() => ensureChromium(machine({ superuser: true }))).toThrow(/no such mirror[\s\S]*apt-get update failed/);
});
