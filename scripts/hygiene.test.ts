import { expect, test } from "vitest";
import { slips } from "./hygiene.ts";

const of = (path: string, text: string) => slips([{ path, text }]);

test("plain source has no slips", () => {
  expect(of("packages/sfu/src/work/route.ts", 'get("https://example.org/work/1", "./tmp/x");\n')).toEqual([]);
});

test.each(["root", "home", "work", "tmp", "Users"])("a path below /%s belongs to one machine", (folder) => {
  expect(of("README.md", `first\nrun /${folder}/someone/x`)).toEqual(["README.md:2 holds a path of one machine"]);
});

test.each(["TO", "FIX"].map((start, index) => start + ["DO", "ME"][index]))("%s leaves work for later", (word) => {
  expect(of("a.ts", `// ${word}: all of it`)).toHaveLength(1);
});

test("a conflict marker is found", () => {
  expect(of("a.ts", `${"<".repeat(7)} HEAD`)).toHaveLength(1);
});

test("a lock file names no registry, other files may hold the same words", () => {
  const line = '"resolved": "https://registry.example/x.tgz"';
  expect(of("package-lock.json", line)).toHaveLength(1);
  expect(of("docs/lock.md", line)).toEqual([]);
});

test("source of 401 lines is too long, 400 lines and long prose are not", () => {
  expect(of("a.ts", "x\n".repeat(401))).toEqual(["a.ts has 401 lines, more than 400"]);
  expect(of("a.ts", "x\n".repeat(400))).toEqual([]);
  expect(of("a.md", "x\n".repeat(401))).toEqual([]);
});

test.each(["src/utils/a.ts", "src/helper.ts", "common/a.ts"])("%s is named for no idea", (path) => {
  expect(of(path, "")).toHaveLength(1);
});
