/**
 * Serves what effects fetch at run time from the page's own host, beside its other files and under a name that changes with
 * them, so that browsers keep them. What is large is compressed once, here.
 */
import { createReadStream, readdirSync, readFileSync } from "node:fs";
import { extname, join } from "node:path";
import { gzipSync } from "node:zlib";
import type { Plugin } from "vite";
import { effectsFolder, gatherEffects } from "../../scripts/effects.ts";
import { stampOf } from "../../scripts/stamp.mjs";

const types: Readonly<Record<string, string>> = { ".js": "text/javascript", ".wasm": "application/wasm" };

export async function effects(): Promise<Plugin> {
  await gatherEffects();
  const names = readdirSync(effectsFolder);
  const folder = `assets/effects-${stampOf(names.map((name) => join(effectsFolder, name))).slice(0, 8)}`;
  return {
    name: "effects",
    config: () => ({ define: { "import.meta.env.VITE_EFFECTS": JSON.stringify(`/${folder}/`) } }),
    configureServer(server) {
      server.middlewares.use(`/${folder}`, (request, response, next) => {
        const name = names.find((name) => request.url === `/${name}`);
        if (name === undefined) return next();
        response.setHeader("Content-Type", types[extname(name)] ?? "application/octet-stream");
        createReadStream(join(effectsFolder, name)).pipe(response);
      });
    },
    generateBundle() {
      for (const name of names) {
        const source = readFileSync(join(effectsFolder, name));
        this.emitFile({ type: "asset", fileName: `${folder}/${name}`, source });
        if (extname(name) in types) {
          this.emitFile({ type: "asset", fileName: `${folder}/${name}.gz`, source: gzipSync(source, { level: 9 }) });
        }
      }
    },
  };
}
