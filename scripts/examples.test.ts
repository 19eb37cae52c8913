/** What the README and the page about the client show as code is code: it type-checks against the sources. */
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";

const root = join(import.meta.dirname, "..");
const pages = ["README.md", "docs/client.md"];

/** What examples speak of without saying where it comes from. */
const around = `import type { Room, RoomSnapshot } from "@satsuma/client";
declare global {
  const token: string;
  const room: Room;
  function draw(snapshot: RoomSnapshot): void;
}
`;

const options = {
  extends: join(root, "tsconfig.base.json"),
  compilerOptions: {
    noEmit: true,
    jsx: "react-jsx",
    lib: ["es2024", "dom", "dom.iterable"],
    types: ["node"],
    typeRoots: [join(root, "node_modules/@types")],
  },
};

test("every example of the README and of docs/client.md type-checks", async () => {
  await mkdir(join(root, "node_modules/.cache"), { recursive: true });
  const folder = await mkdtemp(join(root, "node_modules/.cache/examples-"));
  try {
    const files = ["around.ts"];
    await writeFile(join(folder, "around.ts"), around);
    for (const page of pages) {
      const text = await readFile(join(root, page), "utf8");
      for (const [index, [, kind, code = ""]] of [...text.matchAll(/^```(tsx?)\n(.*?)^```/gms)].entries()) {
        const name = `${page.replaceAll(/\W/g, "-")}-${index + 1}.${kind}`;
        files.push(name);
        await writeFile(join(folder, name), `${code}export {};\n`);
      }
    }
    expect(files.length).toBeGreaterThan(5);
    await writeFile(join(folder, "package.json"), '{ "type": "module" }');
    await writeFile(join(folder, "tsconfig.json"), JSON.stringify({ ...options, files }));
    expect(await check(folder)).toBe("");
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

/** What the compiler says of it. */
function check(folder: string): Promise<string> {
  const compiler = join(root, "node_modules/typescript/bin/tsc");
  return new Promise((resolve) => {
    execFile(process.execPath, [compiler, "-p", folder], { cwd: folder }, (_, said) => resolve(said));
  });
}
