import { fileURLToPath } from "node:url";
import { build } from "esbuild";

/** A Worker's source with all it imports, as one module. */
export async function bundled(entry: URL): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(entry)],
    bundle: true,
    write: false,
    format: "esm",
    target: "es2022",
    conditions: ["@satsuma/source"],
    external: ["cloudflare:workers"],
  });
  return outputFiles[0]?.text ?? "";
}
