/**
 * How much of a page's load the client is: everything that `@satsuma/client` exports, as a browser gets it, minified and
 * compressed as servers do it.
 */
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { build } from "vite";

const root = join(import.meta.dirname, "..");

/** Bytes after gzip. A third of a second on a slow mobile network (1 Mbit/s), before the first word can be exchanged. */
const most = 45_000;

const built = await build({
  root: join(root, "packages/client"),
  configFile: false,
  logLevel: "error",
  resolve: { conditions: ["@satsuma/source"] },
  build: {
    write: false,
    minify: true,
    rolldownOptions: { input: join(root, "packages/client/src/index.ts"), preserveEntrySignatures: "strict" },
  },
});
const outputs = [built].flat().flatMap((result) => ("output" in result ? result.output : []));
const code = outputs.map((chunk) => ("code" in chunk ? chunk.code : "")).join("");
const size = gzipSync(code).length;
console.log(`@satsuma/client: ${size} bytes of ${most} (gzip; ${code.length} before)`);
if (code.length === 0 || size > most) {
  console.error(
    `The client is to stay within ${most} bytes: load what few pages need with import() where it is used, look for a new
dependency that a few lines would replace, and only then raise the bound in scripts/size.ts, with the reason beside it.`,
  );
  process.exitCode = 1;
}
