import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { Miniflare } from "miniflare";

const { outputFiles } = await build({
  entryPoints: [fileURLToPath(new URL("./orange.worker.ts", import.meta.url))],
  bundle: true,
  write: false,
  format: "esm",
  target: "es2022",
  external: ["cloudflare:workers", "node:*"],
});
const miniflare = new Miniflare({
  modules: true,
  script: outputFiles[0]?.text ?? "",
  compatibilityDate: "2026-07-01",
  compatibilityFlags: ["nodejs_compat"],
  durableObjects: { Rooms: { className: "Rooms", useSQLite: true } },
});
const { port } = await miniflare.ready;
process.on("SIGTERM", () => void miniflare.dispose().then(() => process.exit(0)));
console.log(JSON.stringify({ port: Number(port) }));
