/**
 * Where this machine keeps a Chromium for the browser tests, and how to get one where it has none.
 *
 * A place named in CHROMIUM_PATH or CHROME_PATH is believed and nothing else is looked at.
 */
import { spawnSync } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";
import { chromium } from "playwright-core";

export type Machine = {
  platform: NodeJS.Platform;
  env: NodeJS.ProcessEnv;
  home: string;
  superuser: boolean;
  /** Places outside the path and the home folder. */
  browsers: readonly string[];
};

export class NoChromiumError extends Error {}

export const thisMachine: Machine = {
  platform: process.platform,
  env: process.env,
  home: homedir(),
  superuser: process.getuid?.() === 0,
  browsers: [chromium.executablePath(), "/snap/bin/chromium"],
};

const names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"];

const advice =
  "No Chromium was found for the browser tests: install one " +
  "(Debian and Ubuntu: apt-get install chromium; macOS: brew install --cask chromium; elsewhere: npx playwright-core install chromium) " +
  "or name it in CHROMIUM_PATH.";

/** The path of a Chromium that can be started, or undefined. Throws when the environment names one that cannot. */
export function findChromium(machine: Machine = thisMachine): string | undefined {
  const named = machine.env.CHROMIUM_PATH || machine.env.CHROME_PATH;
  if (named) {
    if (isExecutable(named)) return named;
    throw new NoChromiumError(`CHROMIUM_PATH or CHROME_PATH names ${named}, which is not a program.`);
  }
  return [...onPath(machine), ...usualPlaces(machine), ...machine.browsers].find(isExecutable);
}

/** Finds a Chromium, and installs Debian's when there is none and this machine allows it. */
export function ensureChromium(machine: Machine = thisMachine): string {
  const found = findChromium(machine);
  if (found !== undefined) return found;
  if (!mayInstall(machine)) throw new NoChromiumError(advice);
  console.error("Installing Chromium with apt-get …");
  const env = { ...machine.env, DEBIAN_FRONTEND: "noninteractive" };
  for (const args of [["update"], ["install", "--yes", "--no-install-recommends", "chromium", "fonts-liberation"]]) {
    const { status, stdout, stderr } = spawnSync("apt-get", args, { env, encoding: "utf8" });
    if (status !== 0) throw new NoChromiumError(`${stdout}${stderr}\napt-get ${args[0]} failed. ${advice}`);
  }
  const installed = findChromium(machine);
  if (installed === undefined)
    throw new NoChromiumError(`apt-get installed no Chromium that can be started. ${advice}`);
  return installed;
}

function mayInstall(machine: Machine): boolean {
  if (machine.platform !== "linux" || !machine.superuser) return false;
  return folders(machine).some((folder) => isExecutable(join(folder, "apt-get")));
}

function onPath(machine: Machine): string[] {
  return folders(machine).flatMap((folder) => names.map((name) => join(folder, name)));
}

function folders(machine: Machine): string[] {
  return (machine.env.PATH ?? "").split(delimiter).filter((folder) => folder !== "");
}

function usualPlaces({ platform, env, home }: Machine): string[] {
  if (platform === "darwin") {
    const apps = ["Chromium.app/Contents/MacOS/Chromium", "Google Chrome.app/Contents/MacOS/Google Chrome"];
    return ["/Applications", join(home, "Applications")].flatMap((folder) => apps.map((app) => join(folder, app)));
  }
  if (platform === "win32") {
    const roots = [env.PROGRAMFILES, env["PROGRAMFILES(X86)"], env.LOCALAPPDATA].filter((root) => root !== undefined);
    const apps = ["Chromium\\Application\\chrome.exe", "Google\\Chrome\\Application\\chrome.exe"];
    return roots.flatMap((root) => apps.map((app) => join(root, app)));
  }
  return [];
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false; // Absent or not ours to start: either way it is not a Chromium for us.
  }
}
