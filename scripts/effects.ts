/**
 * Gathers what `@satsuma/effects` fetches at run time into its `dist/assets`: its worker, and the programs and models of
 * others, out of their packages. Only when one of them is another one than the last time.
 */
import { copyFileSync, globSync, mkdirSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { isStamped, stampOf, writeStamp } from "./stamp.mjs";

const root = join(import.meta.dirname, "..");
const effects = join(root, "packages/effects");

/** Where the files are once `gatherEffects` is done. */
export const effectsFolder = join(effects, "dist/assets");

const { resolve } = createRequire(join(effects, "package.json"));
const litert = join(dirname(resolve("@litertjs/core")), "../wasm");
const models = dirname(resolve("@mediapipe/selfie_segmentation"));
const noise = dirname(resolve("@sapphi-red/web-noise-suppressor"));

/** From where, and under which name if that says too little on its own. */
const copied: readonly (readonly [string, string?])[] = [
  [join(litert, "litert_wasm_internal.js")],
  [join(litert, "litert_wasm_internal.wasm")],
  [join(models, "selfie_segmentation.tflite")],
  [join(models, "selfie_segmentation_landscape.tflite")],
  [join(noise, "gtcrn/workletProcessor.js"), "gtcrn.js"],
  [join(noise, "gtcrn.wasm")],
];

export async function gatherEffects(): Promise<void> {
  const place = join(effects, "dist/.assets-stamp");
  const sources = globSync("packages/effects/{src,worker}/**/*.ts", { cwd: root })
    .filter((path) => !path.endsWith(".test.ts"))
    .map((path) => join(root, path));
  const stamp = stampOf([join(root, "package-lock.json"), import.meta.filename, ...sources]);
  if (isStamped(place, stamp)) return;
  rmSync(effectsFolder, { recursive: true, force: true });
  mkdirSync(effectsFolder, { recursive: true });
  for (const [path, name = path.slice(dirname(path).length + 1)] of copied)
    copyFileSync(path, join(effectsFolder, name));
  for (const name of ["THIRD-PARTY.md", "APACHE-2.0.txt"]) copyFileSync(join(effects, name), join(effectsFolder, name));
  const { build } = await import("vite");
  await build({
    root: effects,
    configFile: false,
    logLevel: "warn",
    resolve: { conditions: ["@satsuma/source"] },
    build: {
      outDir: effectsFolder,
      emptyOutDir: false,
      target: "es2024",
      // A classic worker, since LiteRT (2.5) loads its program with importScripts. Its words for the console are left out.
      lib: {
        entry: join(effects, "worker/main.ts"),
        formats: ["iife"],
        name: "background",
        fileName: () => "background.js",
      },
      rolldownOptions: { output: { minify: { compress: { dropConsole: true } } } },
    },
  });
  writeStamp(place, stamp);
}

if (import.meta.main) await gatherEffects();
