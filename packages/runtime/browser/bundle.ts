/** A page's script, bundled as an application would bundle it. */
import { fileURLToPath } from "node:url";
import { build, type Rolldown } from "vite";

/** The HTML of a page that runs `pages/<name>.ts`. */
export async function bundlePage(name: string): Promise<string> {
  const input = fileURLToPath(new URL(`pages/${name}.ts`, import.meta.url));
  const output = (await build({
    configFile: false,
    logLevel: "warn",
    resolve: { conditions: ["@satsuma/source", "module", "browser", "import", "default"] },
    build: { write: false, minify: false, modulePreload: false, rolldownOptions: { input } },
  })) as Rolldown.RolldownOutput;
  const script = output.output.find((chunk) => chunk.type === "chunk")?.code ?? "";
  return `<!doctype html><meta charset="utf-8"><title>${name}</title><link rel="icon" href="data:,"><script type="module">${script.replaceAll("</script", "<\\/script")}</script>`;
}
