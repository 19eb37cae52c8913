/**
 * Imports go one way: what each package may name in its package.json.
 *
 * This looks at manifests only. That sources import nothing a manifest does not name is Knip's part,
 * and that they reach into no other package by a relative path is the compiler's (project references).
 */
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";

export type Manifest = {
  name: string;
  dependencies?: Record<string, string>;
  devDependencies?: Record<string, string>;
  peerDependencies?: Record<string, string>;
  optionalDependencies?: Record<string, string>;
};

const scope = "@satsuma/";

/** docs/architecture.md says the same in words. A package that is not listed may import everything, and nobody it. */
export const arrow: Readonly<Record<string, readonly string[]>> = {
  protocol: [],
  core: ["protocol"],
  durable: ["protocol"],
  calls: ["protocol", "core"],
  services: ["protocol", "core"],
  rooms: ["protocol", "durable"],
  sfu: ["protocol", "core"],
  client: ["protocol"],
  effects: ["protocol", "client"],
  react: ["protocol", "client"],
  runtime: ["protocol", "core", "durable", "rooms", "sfu"],
};

/** What tests of a package may import besides: the other end of what it speaks to, which imports nothing of it. */
export const testedWith: Readonly<Record<string, readonly string[]>> = {
  client: ["rooms", "sfu"],
};

/** For tests and benchmarks: everybody may name it among its devDependencies, and what is private anywhere. */
const testkit = "testkit";

/** One sentence for each dependency against the arrow. */
export function breaches(manifests: readonly Manifest[]): string[] {
  return manifests.flatMap((manifest) => {
    const ruled = arrow[manifest.name.slice(scope.length)];
    const allowed = ruled ?? [...Object.keys(arrow), testkit];
    const { dependencies, devDependencies, peerDependencies, optionalDependencies } = manifest;
    const shipped = against(allowed, { ...dependencies, ...peerDependencies, ...optionalDependencies });
    const beside = testedWith[manifest.name.slice(scope.length)] ?? [];
    const forTests = against([...allowed, ...beside, testkit], { ...devDependencies });
    return [...new Set([...shipped, ...forTests])].map((name) => `${manifest.name} may not depend on ${name}`);
  });
}

function against(allowed: readonly string[], dependencies: Record<string, string>): string[] {
  const ours = Object.keys(dependencies).filter((name) => name.startsWith(scope));
  return ours.filter((name) => !allowed.includes(name.slice(scope.length)));
}

if (import.meta.main) {
  const root = join(import.meta.dirname, "..");
  const paths = globSync(["packages/*/package.json", "apps/*/package.json", "{bench,testkit}/package.json"], {
    cwd: root,
  });
  const manifests = paths.map((path): Manifest => JSON.parse(readFileSync(join(root, path), "utf8")));
  const unplaced = manifests.filter(
    ({ name }, index) => paths[index]?.startsWith("packages") && !(name.slice(scope.length) in arrow),
  );
  const found = [...breaches(manifests), ...unplaced.map(({ name }) => `${name} has no place in the import arrow`)];
  for (const breach of found) console.error(breach);
  if (found.length > 0) process.exitCode = 1;
}
